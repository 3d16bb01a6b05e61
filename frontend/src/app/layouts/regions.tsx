/** Whether the session list is to be seen: folded on a wide screen, a drawer on a phone. */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react'

import { useStored } from '@/shared/hooks'
import { useRegionForm } from '@/shared/ui'

interface SessionRegion {
  isOpen: boolean
  setOpen: (open: boolean) => void
  toggle: () => void
  /** Puts the drawer away; what is unfolded on a wide screen stays. */
  closeDrawer: () => void
}

const SessionRegionContext = createContext<SessionRegion | null>(null)

export function SessionRegionProvider({ children }: { children: ReactNode }) {
  const isDrawer = useRegionForm('left') === 'over'
  const [isUnfolded, setUnfolded] = useStored<boolean>('sessions.open', true)
  const [isPulledOut, setPulledOut] = useState(false)

  const isOpen = isDrawer ? isPulledOut : isUnfolded
  const setOpen = isDrawer ? setPulledOut : setUnfolded
  const toggle = useCallback(() => setOpen(!isOpen), [setOpen, isOpen])
  const closeDrawer = useCallback(() => setPulledOut(false), [])
  const value = useMemo(() => ({ isOpen, setOpen, toggle, closeDrawer }), [isOpen, setOpen, toggle, closeDrawer])
  return <SessionRegionContext value={value}>{children}</SessionRegionContext>
}

export function useSessionRegion(): SessionRegion {
  const region = use(SessionRegionContext)
  if (!region) throw new Error('useSessionRegion needs a SessionRegionProvider above it.')
  return region
}
