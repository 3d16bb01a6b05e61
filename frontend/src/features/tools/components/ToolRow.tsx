/** A tool with its switch; one that is locked says by whom. */
import { useLingui } from '@lingui/react/macro'
import { Lock } from 'lucide-react'
import { type ReactNode, useId } from 'react'

import type { Tool } from '@/shared/api'
import { cx, Switch } from '@/shared/ui'

import { isOn, type Level, switchedOffBy } from '../model/policies'
import { useDeciderTexts } from './useDeciderTexts'

interface ToolRowProps {
  tool: Tool
  level: Level
  onSwitch: (isOn: boolean) => void
  disabled?: boolean
  /** Below the description. */
  children?: ReactNode
  className?: string
}

export function ToolRow({ tool, level, onSwitch, disabled = false, children, className }: ToolRowProps) {
  const { t } = useLingui()
  const id = useId()
  const texts = useDeciderTexts()
  const { name } = tool
  const lock = switchedOffBy(tool, level)
  const on = isOn(tool, level)
  return (
    <li className={cx('flex items-start gap-4', className)}>
      <div className="min-w-0 flex-1">
        <p id={id} className={cx('font-mono text-code wrap-anywhere', on ? 'text-ink' : 'text-ink-2')}>
          {name}
          {tool.source !== 'built-in' && <span className="ml-2 font-sans text-row text-ink-3">{tool.source}</span>}
        </p>
        <p className="line-clamp-2 text-row text-ink-2">{tool.description}</p>
        {lock !== null && (
          <p id={`${id}-lock`} className="mt-1 flex items-center gap-1.5 text-row text-ink-2">
            <Lock aria-hidden className="size-3.5!" />
            {texts.off[lock]}
          </p>
        )}
        {children}
      </div>
      <Switch
        isOn={on}
        disabled={disabled || lock !== null}
        aria-label={t`Use ${name}`}
        aria-describedby={lock === null ? undefined : `${id}-lock`}
        onChange={onSwitch}
      />
    </li>
  )
}
