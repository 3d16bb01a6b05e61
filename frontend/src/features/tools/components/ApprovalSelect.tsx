/** Whether a person is asked before each call of a tool. */
import { useLingui } from '@lingui/react/macro'
import { Lock } from 'lucide-react'

import { type Approval, type Tool, useToolTexts } from '@/shared/api'
import { Select } from '@/shared/ui'

import { asksBecauseOf, type Level } from '../model/policies'
import { useDeciderTexts } from './useDeciderTexts'

interface ApprovalSelectProps {
  tool: Tool
  level: Level
  onChange: (approval: Approval | null) => void
  disabled: boolean
}

export function ApprovalSelect({ tool, level, onChange, disabled }: ApprovalSelectProps) {
  const { t } = useLingui()
  const texts = useDeciderTexts()
  const { title } = useToolTexts()(tool)
  const lock = asksBecauseOf(tool, level)
  if (lock !== null) {
    return (
      <p className="flex items-start gap-1.5 text-row text-ink-2 @lg:w-60">
        <Lock aria-hidden className="size-3.5!" />
        {texts.asks[lock]}
      </p>
    )
  }
  return (
    <Select
      aria-label={t`Approval of ${title}`}
      className="w-full @lg:w-60"
      value={tool.policies[level]?.approval ?? ''}
      disabled={disabled}
      onChange={(event) => onChange(event.target.value === '' ? null : (event.target.value as Approval))}
    >
      <option value="">{t`As the tool suggests`}</option>
      <option value="never">{t`Runs without asking`}</option>
      <option value="ask">{t`Asks before each call`}</option>
      <option value="always">{level === 'organization' ? t`Always asks everybody` : t`Always asks, in every chat`}</option>
    </Select>
  )
}
