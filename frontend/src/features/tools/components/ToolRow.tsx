/** A tool with its switch; one that is locked says by whom. */
import { useLingui } from '@lingui/react/macro'
import { Lock } from 'lucide-react'
import { type ReactNode, useId } from 'react'

import type { Tool } from '@/shared/api'
import { cx, Switch } from '@/shared/ui'

import { isOn, type Level, switchedOffBy } from '../model/policies'
import { useDeciderTexts } from './useDeciderTexts'
import { useToolTexts } from './useToolTexts'

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
    <li className={cx('flex items-center gap-x-4 gap-y-2 max-md:flex-wrap max-md:items-start', className)}>
      <div className="min-w-0 flex-1">
        <p className={cx('flex flex-wrap items-baseline gap-x-2 text-ui font-medium wrap-anywhere', on ? 'text-ink' : 'text-ink-2')}>
          {title}
          <span className="text-row font-normal text-ink-3">
            {title !== tool.name && <span className="font-mono">{tool.name}</span>}
            {tool.source !== 'built-in' && tool.source}
          </span>
        </p>
        <p className="line-clamp-2 text-row text-ink-2">{purpose}</p>
        {lock !== null && (
          <p id={`${id}-lock`} className="mt-1 flex items-center gap-1.5 text-row text-ink-2">
            <Lock aria-hidden className="size-3.5!" />
            {texts.off[lock]}
          </p>
        )}
      </div>
      {children && <div className="flex-none max-md:order-last max-md:basis-full">{children}</div>}
      <Switch
        isOn={on}
        disabled={disabled || lock !== null}
        aria-label={t`Use ${title}`}
        aria-describedby={lock === null ? undefined : `${id}-lock`}
        onChange={onSwitch}
      />
    </li>
  )
}
