/** What would be approved: a new tool as it is, a changed one against what was approved. */
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'

import type { SourceTool } from '@/shared/api'
import { Button } from '@/shared/ui'

import { lineDifference, wordDifference } from '../model/difference'
import { SchemaDifference, TextDifference } from './Difference'

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
  const before = tool.approved ?? { title: '', description: '', parameters: null }
  const isNew = tool.approved === null
  const schema = isNew ? lineDifference(tool.parameters, tool.parameters) : lineDifference(before.parameters, tool.parameters)
  return (
    <>
      {!isNew && before.title !== tool.title && (
        <Part label={<Trans>Title</Trans>}>
          <TextDifference pieces={wordDifference(before.title, tool.title)} />
        </Part>
      )}
      {before.description !== tool.description && (
        <Part label={<Trans>What the model is told</Trans>}>
          <TextDifference pieces={isNew ? [{ kind: 'same', text: tool.description }] : wordDifference(before.description, tool.description)} />
        </Part>
      )}
      {(isNew || schema.some(({ kind }) => kind !== 'same')) && (
        <Part label={<Trans>Arguments (JSON Schema)</Trans>}>
          <SchemaDifference pieces={schema} isWhole={isNew} />
        </Part>
      )}
    </>
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
