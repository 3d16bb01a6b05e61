/** One call that waits: what would run, what it may touch, with what, and in a batch whether it is among those that may. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Eye, Pencil, PenLine } from 'lucide-react'
import { useState } from 'react'

import type { Tool, ToolCallPart } from '@/shared/api'
import { Button, cx } from '@/shared/ui'

import { JsonTree } from '../JsonTree'
import { ArgumentsForm } from './ArgumentsForm'
import { useCallText } from './useCallText'
import { useDraft } from './useDraft'

export interface Choice {
  isWanted: boolean
  onWant: (isWanted: boolean) => void
}

interface CallQuestionProps {
  call: ToolCallPart
  tool: Tool | undefined
  /** Where there are several: whether this one may run. */
  choice: Choice | null
  mayEdit: boolean
  onChange: (values: Record<string, unknown> | null) => void
}

export function CallQuestion({ call, tool, choice, mayEdit, onChange }: CallQuestionProps) {
  const { title, purpose } = useCallText()(call, tool)
  const draft = useDraft(call, tool?.parameters, onChange)
  const [isOpened, setOpened] = useState(false)
  const isWanted = choice?.isWanted ?? true
  const mayChange = isWanted && mayEdit
  const isEditing = isOpened && mayChange
  return (
    <div role="group" aria-label={title} className={cx('space-y-2 px-4 py-3', !isWanted && 'opacity-60')}>
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-2 gap-y-1">
        <Heading call={call} title={title} choice={choice} />
        <EditButton isShown={mayChange} isEditing={isEditing} disabled={draft.values === null} onPress={() => setOpened(!isEditing)} />
      </div>
      {purpose !== '' && <p className="text-row text-ink-2">{purpose}</p>}
      {isEditing ? <ArgumentsForm draft={draft} /> : <Arguments values={draft.shown} />}
      <Touches tool={tool} />
    </div>
  )
}

interface EditButtonProps {
  isShown: boolean
  isEditing: boolean
  disabled: boolean
  onPress: () => void
}

function EditButton({ isShown, isEditing, disabled, onPress }: EditButtonProps) {
  if (!isShown) return null
  return (
    <Button variant="quiet" className={cx('max-md:-ml-3')} aria-pressed={isEditing} disabled={disabled} onClick={onPress}>
      <Pencil aria-hidden />
      {isEditing ? <Trans>Done editing</Trans> : <Trans>Edit</Trans>}
    </Button>
  )
}

function Arguments({ values }: { values: Record<string, unknown> }) {
  return (
    <div className="max-h-60 overflow-auto rounded-code bg-sunken px-3 py-2.5">
      <JsonTree value={values} />
    </div>
  )
}

function Heading({ call, title, choice }: { call: ToolCallPart; title: string; choice: Choice | null }) {
  const name = title !== call.name && <code className="font-mono text-row font-normal text-ink-3">{call.name}</code>
  if (choice === null) {
    return (
      <h3 className="flex flex-wrap items-baseline gap-x-2 text-ui font-medium text-ink">
        <Trans>Allow {title} to run?</Trans>
        {name}
      </h3>
    )
  }
  return (
    <label className="flex cursor-pointer flex-wrap items-center gap-x-2 text-ui font-medium text-ink">
      <input type="checkbox" checked={choice.isWanted} onChange={(event) => choice.onWant(event.target.checked)} className="size-4 flex-none accent-ink" />
      {title}
      {name}
    </label>
  )
}

/** What a call may change, as far as the tool says so of itself. */
function Touches({ tool }: { tool: Tool | undefined }) {
  const { t } = useLingui()
  if (tool === undefined) return null
  const Icon = tool.has_side_effects ? PenLine : Eye
  const ofReading = tool.source === 'built-in' ? t`Part of Coda: it only calculates.` : t`Says that it only reads.`
  return (
    <p className="flex items-center gap-1.5 text-row text-ink-3">
      <Icon aria-hidden className="size-3.5! flex-none" />
      {tool.has_side_effects ? t`May change something outside of Coda.` : ofReading}
    </p>
  )
}
