/** A tool with its switch; one that is locked says by whom. */
import { useLingui } from '@lingui/react/macro'
import { Lock } from 'lucide-react'
import { type ReactNode, useId } from 'react'

import { type Tool, useToolTexts } from '@/shared/api'
import { cx, Switch } from '@/shared/ui'

import { isOn, type Level, switchedOffBy } from '../model/policies'
import { useDeciderTexts } from './useDeciderTexts'

interface ToolRowProps {
  tool: Tool
  level: Level
  onSwitch: (isOn: boolean) => void
  disabled?: boolean
  /** Beside the switch, on a phone below the text. */
  children?: ReactNode
  className?: string
}

export function ToolRow({ tool, level, onSwitch, disabled = false, children, className }: ToolRowProps) {
  const { t } = useLingui()
  const id = useId()
  const texts = useDeciderTexts()
  const { title, purpose } = useToolTexts()(tool)
  const lock = switchedOffBy(tool, level)
  const on = isOn(tool, level)
  return (
    <li className={cx('@container', className)}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2 @lg:flex-nowrap @lg:items-center">
        <div className="min-w-0 flex-1">
          <p className={cx('flex flex-wrap items-baseline gap-x-2 text-ui font-medium wrap-anywhere', on ? 'text-ink' : 'text-ink-2')}>
            <bdi>{title}</bdi>
            <span className="text-row font-normal text-ink-3">
              {title !== tool.name && <span className="font-mono">{tool.name}</span>}
            </span>
          </p>
          <p dir="auto" className="line-clamp-2 text-row text-ink-2">{purpose}</p>
          {lock !== null && (
            <p id={`${id}-lock`} className="mt-1 flex items-center gap-1.5 text-row text-ink-2">
              <Lock aria-hidden className="size-3.5!" />
              {texts.off[lock]}
            </p>
          )}
        </div>
        {children && <div className="flex-none basis-full order-last @lg:order-none @lg:basis-auto">{children}</div>}
        <Switch
          isOn={on}
          disabled={disabled || lock !== null}
          aria-label={t`Use ${title}`}
          aria-describedby={lock === null ? undefined : `${id}-lock`}
          onChange={onSwitch}
        />
      </div>
    </li>
  )
}
