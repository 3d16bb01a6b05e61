/** What a source has: each tool with its switch, what waits for approval, and what was left out. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import type { SourceTool, ToolSource } from '@/shared/api'
import { firstSentence } from '@/shared/lib/toolName'
import { ListState } from '@/shared/settings'
import { Badge, cx, ErrorLine, Switch } from '@/shared/ui'

import { toolSourceQuery, useChangeSource } from '../api/toolSources'
import { LeftOutTools } from './LeftOutTools'
import { ToolReview } from './ToolReview'
import { useSourceErrorText } from './useSourceErrorText'

export function SourceTools({ id, sourceId }: { id: string; sourceId: string }) {
  const { data, error, refetch } = useQuery(toolSourceQuery(sourceId))
  return (
    <div id={id} className="mt-2 border-l-2 border-line pl-4">
      {data ? <ToolRows source={data} /> : <ListState error={error} onRetry={() => void refetch()} />}
    </div>
  )
}

function ToolRows({ source }: { source: ToolSource }) {
  const waitsFirst = source.tools.toSorted((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)))
  return (
    <>
      {source.tools.length === 0 ? (
        <p className="text-row text-ink-2">
          <Trans>It has no tools that can be used.</Trans>
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {waitsFirst.map((tool) => (
            <SourceToolRow key={tool.name} tool={tool} source={source} />
          ))}
        </ul>
      )}
      <LeftOutTools tools={source.left_out} />
    </>
  )
}

const isWaiting = ({ changed, is_listed: isListed }: SourceTool) => changed && isListed

function SourceToolRow({ tool, source }: { tool: SourceTool; source: ToolSource }) {
  const { t } = useLingui()
  const errorText = useSourceErrorText()
  const change = useChangeSource(source.id)
  const { name, title } = tool
  const asked = change.isPending ? change.variables.tools?.[0]?.enabled : undefined
  const isOn = asked ?? tool.enabled
  return (
    <li className="py-2.5">
      <div className="flex items-start gap-4">
        <ToolText tool={tool} isOn={isOn} />
        <Switch
          isOn={isOn}
          disabled={!source.can_change || change.isPending}
          aria-label={t`Use ${title}`}
          onChange={(enabled) => change.mutate({ tools: [{ name, enabled }] })}
        />
      </div>
      {isWaiting(tool) && (
        <ToolReview
          tool={tool}
          canApprove={source.can_change}
          busy={change.isPending}
          onApprove={() => change.mutate({ tools: [{ name, approve: tool.hash }] })}
        />
      )}
      {change.error && <ErrorLine>{errorText(change.error)}</ErrorLine>}
    </li>
  )
}

/** What waits for approval is described where it is approved. */
function ToolText({ tool, isOn }: { tool: SourceTool; isOn: boolean }) {
  return (
    <div className="min-w-0 flex-1">
      <p className={cx('flex flex-wrap items-baseline gap-x-2 gap-y-1 text-ui font-medium wrap-anywhere', !(isOn && tool.is_listed) && 'text-ink-2')}>
        <bdi>{tool.title}</bdi>
        <span className="font-mono text-row font-normal text-ink-3">{tool.called}</span>
        <ToolState tool={tool} />
      </p>
      {!isWaiting(tool) && <p dir="auto" className="text-row wrap-anywhere text-ink-2">{firstSentence(tool.description)}</p>}
    </div>
  )
}

function ToolState({ tool }: { tool: SourceTool }) {
  if (!tool.is_listed) {
    return (
      <Badge>
        <Trans>no longer offered</Trans>
      </Badge>
    )
  }
  if (!tool.changed) return null
  return <Badge tone="warn">{tool.approved === null ? <Trans>new</Trans> : <Trans>changed</Trans>}</Badge>
}
