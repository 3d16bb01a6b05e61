/** What lies behind an answer: reasoning, time, tools, cost, context. */
import { Trans, useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'

import type { SessionUsage } from '@/shared/api'
import { useStored } from '@/shared/hooks'
import { cx, IconButton, SideRegion, Tabs } from '@/shared/ui'

import { useRunState } from '../../hooks/useRuntime'
import { answerOf, type Answer } from '../../model/answer'
import { formatDuration } from '../../model/format'
import type { Message } from '../../model/message'
import { answerNumber } from '../../model/path'
import { ContextTab } from './ContextTab'
import { CostTab } from './CostTab'
import { ReasoningTab } from './ReasoningTab'
import { TimelineTab } from './TimelineTab'
import { ToolsTab } from './ToolsTab'

interface InspectorProps {
  path: readonly Message[]
  /** What the whole session has used. */
  total: SessionUsage | null
  chosenId: string | null
  onClose: () => void
}

export default function Inspector({ path, total, chosenId, onClose }: InspectorProps) {
  const { t } = useLingui()
  const message = path.find(({ id }) => id === chosenId) ?? path.findLast(({ role }) => role === 'assistant') ?? null
  return (
    <SideRegion side="right" label={t`Inspector`} resizeLabel={t`Width of the inspector`} open onOpenChange={(open) => !open && onClose()}>
      {message === null ? (
        <div className="flex items-start justify-between p-4 text-ui text-ink-2">
          <p>
            <Trans>What an answer took shows here: its reasoning, its tools, its time and its cost.</Trans>
          </p>
          <Close onClose={onClose} />
        </div>
      ) : (
        <OfAnswer key={message.id} message={message} path={path} total={total} onClose={onClose} />
      )}
    </SideRegion>
  )
}

function OfAnswer({ message, path, total, onClose }: { message: Message; path: readonly Message[]; total: SessionUsage | null; onClose: () => void }) {
  const { t } = useLingui()
  const [tab, setTab] = useStored<string>('inspector.tab', 'timeline')
  const run = useRunState(message.run_id)
  const answer = useMemo(() => answerOf(message, run), [message, run])
  const pane = (content: ReactNode) => (
    <div className="space-y-6 px-4 pb-6">
      <Name answer={answer} path={path} />
      {content}
    </div>
  )
  const tabs = [
    { value: 'reasoning', label: t`Reasoning`, content: pane(<ReasoningTab answer={answer} />) },
    { value: 'timeline', label: t`Timeline`, content: pane(<TimelineTab answer={answer} />) },
    { value: 'tools', label: t`Tools`, content: pane(<ToolsTab answer={answer} />) },
    { value: 'cost', label: t`Cost`, content: pane(<CostTab answer={answer} total={total} />) },
    { value: 'context', label: t`Context`, content: pane(<ContextTab answer={answer} />) },
  ]
  return (
    <Tabs
      label={t`Inspector`}
      value={tabs.some(({ value }) => value === tab) ? tab : 'timeline'}
      onValueChange={setTab}
      tabs={tabs}
      end={<Close onClose={onClose} />}
      className={cx('min-h-0 flex-1')}
      listClassName={cx('h-12 pr-2 pl-4 max-md:h-11')}
      contentClassName={cx('overflow-y-auto')}
    />
  )
}

function Close({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  return <IconButton size="md" label={t`Close the inspector`} icon={<X />} onClick={onClose} />
}

function Name({ answer, path }: { answer: Answer; path: readonly Message[] }) {
  const { i18n } = useLingui()
  const { index, count } = answerNumber(path, answer.id)
  const total = answer.timing?.total_ms
  return (
    <h2 className="sticky top-0 z-10 mb-3 bg-panel pt-4 pb-2 text-ui font-medium text-ink">
      <Trans>
        Answer {index} of {count}
      </Trans>
      {total != null && <span className="ml-2 font-normal text-ink-3">{formatDuration(total, i18n.locale)}</span>}
    </h2>
  )
}
