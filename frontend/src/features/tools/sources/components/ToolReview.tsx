/** What would be approved: a new tool as it is, a changed one against what was approved. */
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'

import type { SourceTool } from '@/shared/api'
import { Button } from '@/shared/ui'

import { lineDifference, type Piece, seen, wordDifference } from '../model/difference'
import { SchemaDifference, TextDifference } from './Difference'

type Definition = Pick<SourceTool, 'has_side_effects' | 'may_repeat'>

interface ToolReviewProps {
  tool: SourceTool
  canApprove: boolean
  busy: boolean
  onApprove: () => void
}

export function ToolReview({ tool, canApprove, busy, onApprove }: ToolReviewProps) {
  const { t } = useLingui()
  const { title } = tool
  return (
    <div className="mt-2 flex flex-col gap-3">
      <p className="text-row text-ink-2">
        {tool.approved === null ? (
          <Trans>It came after the server was added. The agent does not use it until it is approved.</Trans>
        ) : (
          <Trans>It is no longer as it was approved. The agent does not use it until it is approved again.</Trans>
        )}
      </p>
      <ToolDifference tool={tool} />
      {canApprove ? (
        <Button size="sm" className="self-start" busy={busy} aria-label={t`Approve ${title}`} onClick={onApprove}>
          <Trans>Approve</Trans>
        </Button>
      ) : (
        <p className="text-row text-ink-3">
          <Trans>Those who may change the server can approve it.</Trans>
        </p>
      )}
    </div>
  )
}

/** Only what differs; of a new tool everything. */
function ToolDifference({ tool }: { tool: SourceTool }) {
  const isNew = tool.approved === null
  const before = tool.approved ?? { ...tool, title: '', description: '' }
  return (
    <>
      <EffectDifference before={before} tool={tool} isNew={isNew} />
      {!isNew && before.title !== tool.title && (
        <Part label={<Trans>Title</Trans>}>
          <TextDifference pieces={wordDifference(before.title, tool.title)} />
        </Part>
      )}
      {before.description !== tool.description && (
        <Part label={<Trans>What the model is told</Trans>}>
          <TextDifference pieces={isNew ? [{ kind: 'same', text: seen(tool.description) }] : wordDifference(before.description, tool.description)} />
        </Part>
      )}
      <SchemaPart label={<Trans>Arguments (JSON Schema)</Trans>} pieces={lineDifference(before.parameters, tool.parameters)} isNew={isNew} />
      <SchemaPart
        label={<Trans>Result (JSON Schema)</Trans>}
        pieces={lineDifference(before.result_schema, tool.result_schema)}
        isNew={isNew && Object.keys(tool.result_schema).length > 0}
      />
    </>
  )
}

/** What its server says of its effects, by which it asks first or not, and may be called twice or not. */
function EffectDifference({ before, tool, isNew }: { before: Definition; tool: Definition; isNew: boolean }) {
  const { t } = useLingui()
  const effect = ({ has_side_effects: hasEffects }: Definition) =>
    hasEffects ? t`It may change something: a person is asked before each call.` : t`It says that it only reads: it is called without asking.`
  const repetition = ({ may_repeat: mayRepeat }: Definition) =>
    mayRepeat ? t`A call of which nothing was heard again is made once more.` : t`A call of which nothing was heard again is not made once more.`
  const said = [effect, repetition].map((text): [string, string] => [text(before), text(tool)]).filter(([was, is]) => isNew || was !== is)
  if (said.length === 0) return null
  return (
    <Part label={<Trans>What it does</Trans>}>
      {said.map(([was, is]) => (
        <TextDifference key={is} pieces={isNew ? [{ kind: 'same', text: is }] : [{ kind: 'gone', text: was }, { kind: 'same', text: ' ' }, { kind: 'new', text: is }]} />
      ))}
    </Part>
  )
}

function SchemaPart({ label, pieces, isNew }: { label: ReactNode; pieces: Piece[]; isNew: boolean }) {
  if (!isNew && pieces.every(({ kind }) => kind === 'same')) return null
  return (
    <Part label={label}>
      <SchemaDifference pieces={pieces} isWhole={isNew} />
    </Part>
  )
}

function Part({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div>
      <p className="pb-1 text-badge text-ink-3">{label}</p>
      {children}
    </div>
  )
}
