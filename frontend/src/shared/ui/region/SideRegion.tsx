/** A side region in its three forms: beside the conversation, over it from a side, or a sheet from below. */
import type { ReactNode } from 'react'

import { useIsPhone, useIsWide } from '@/shared/hooks'
import { useStored } from '@/shared/hooks'

import { cx } from '../cx'
import { Sheet } from '../floating/Sheet'
import { BottomSheet } from './BottomSheet'
import { ResizeEdge } from './ResizeEdge'

const BOUNDS = {
  left: { initial: 264, min: 220, max: 340 },
  right: { initial: 380, min: 320, max: 560 },
} as const

export type RegionForm = 'beside' | 'over' | 'below'

/** Sessions stand beside from 760 px, the inspector from 1180; on a phone one is a drawer and the other a bottom sheet. */
export function useRegionForm(side: 'left' | 'right'): RegionForm {
  const isPhone = useIsPhone()
  const isWide = useIsWide()
  if (side === 'left') return isPhone ? 'over' : 'beside'
  if (isPhone) return 'below'
  return isWide ? 'beside' : 'over'
}

interface SideRegionProps {
  side: 'left' | 'right'
  label: string
  resizeLabel: string
  open: boolean
  onOpenChange: (open: boolean) => void
  className?: string
  children: ReactNode
}

export function SideRegion({ side, label, resizeLabel, open, onOpenChange, className, children }: SideRegionProps) {
  const form = useRegionForm(side)
  const { initial, min, max } = BOUNDS[side]
  const [width, setWidth] = useStored<number>(`region.${side}`, initial)

  if (form === 'below') {
    return (
      <BottomSheet open={open} onOpenChange={onOpenChange} label={label} className={className}>
        {children}
      </BottomSheet>
    )
  }
  if (form === 'over') {
    return (
      <Sheet side={side} open={open} onOpenChange={onOpenChange} label={label} className={className}>
        {children}
      </Sheet>
    )
  }
  if (!open) return null
  return (
    <aside
      aria-label={label}
      style={{ width }}
      className={cx('relative flex h-full flex-none print:hidden flex-col border-line bg-panel', side === 'left' ? 'border-r' : 'border-l', className)}
    >
      {children}
      <ResizeEdge side={side} label={resizeLabel} width={width} min={min} max={max} onResize={setWidth} />
    </aside>
  )
}
