/** One source: whose, how it is, what waits for approval; its tools unfold below. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'

import type { ToolSourceSummary } from '@/shared/api'
import { formatAgo } from '@/shared/lib/format'
import { HealthMark } from '@/shared/settings'
import { Badge, Button, cx, ErrorLine, Switch } from '@/shared/ui'

import { useChangeSource } from '../api/toolSources'
import { SourceActions } from './SourceActions'
import { SourceLog } from './SourceLog'
import { SourceTools } from './SourceTools'
import { useOwnerTexts } from './useOwnerTexts'
import { useSourceErrorText } from './useSourceErrorText'

export function SourceRow({ source }: { source: ToolSourceSummary }) {
  const { t } = useLingui()
  const id = useId()
  const errorText = useSourceErrorText()
  const change = useChangeSource(source.id)
  const [isOpen, setOpen] = useState(false)
  const [hasLog, setLog] = useState(false)
  const { name, health } = source
  const hasTools = source.tool_count + source.left_out_count > 0
  const isOn = change.isPending ? change.variables.enabled === true : source.enabled
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1 basis-56">
          <SourceName source={source} isOn={isOn} />
          <SourceFacts source={source} />
        </div>
        <div className="flex flex-none items-center gap-4 max-md:basis-full max-md:justify-between">
          <SourceState health={health} />
          {source.can_change && (
            <Switch isOn={isOn} disabled={change.isPending} aria-label={t`Use the tools of ${name}`} onChange={(enabled) => change.mutate({ enabled })} />
          )}
        </div>
      </div>
      <SourceProblem health={health} />
      {change.error && <ErrorLine>{errorText(change.error)}</ErrorLine>}
      <div className="mt-1 -ml-2.5 flex flex-wrap items-center gap-1 max-md:-ml-3">
        {hasTools && <ToolsButton name={name} id={id} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />}
        {source.stdio && <LogButton name={name} id={`${id}-log`} isOpen={hasLog} onToggle={() => setLog(!hasLog)} />}
        {source.can_change && <SourceActions source={source} />}
      </div>
      {hasLog && <SourceLog id={`${id}-log`} sourceId={source.id} name={name} />}
      {isOpen && hasTools && <SourceTools id={id} sourceId={source.id} />}
    </li>
  )
}

interface UnfoldProps {
  name: string
  /** Of what it unfolds. */
  id: string
  isOpen: boolean
  onToggle: () => void
}

function ToolsButton({ name, id, isOpen, onToggle }: UnfoldProps) {
  const { t } = useLingui()
  return (
    <Button variant="quiet" size="sm" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} aria-label={t`Tools of ${name}`} onClick={onToggle}>
      <ChevronRight aria-hidden className={cx('-ml-1 transition-transform', isOpen && 'rotate-90')} />
      <Trans>Tools</Trans>
    </Button>
  )
}

function LogButton({ name, id, isOpen, onToggle }: UnfoldProps) {
  const { t } = useLingui()
  return (
    <Button variant="quiet" size="sm" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} aria-label={t`Log of ${name}`} onClick={onToggle}>
      <Trans>Log</Trans>
    </Button>
  )
}

function SourceName({ source, isOn }: { source: ToolSourceSummary; isOn: boolean }) {
  const owners = useOwnerTexts()
  const waiting = source.waiting_count
  return (
    <p className={cx('flex flex-wrap items-center gap-2 text-ui font-medium', !isOn && 'text-ink-2')}>
      <span dir="auto" className="min-w-0 wrap-anywhere">{source.name}</span>
      <Badge>{owners[source.for]}</Badge>
      {!isOn && (
        <Badge>
          <Trans>off</Trans>
        </Badge>
      )}
      {waiting > 0 && (
        <Badge tone="warn">
          <Plural value={waiting} one="# waits for approval" other="# wait for approval" />
        </Badge>
      )}
    </p>
  )
}

/** Only those who may change the source are told what its server said. */
function SourceProblem({ health: { code, error } }: Pick<ToolSourceSummary, 'health'>) {
  const { t } = useLingui()
  const errorText = useSourceErrorText()
  if (code === null) return null
  return <p className="mt-1 max-w-prose text-row wrap-anywhere text-ink-2">{errorText({ code, message: error ?? t`no details.` })}</p>
}

function SourceFacts({ source: { url, stdio, process, tool_count: count, health } }: { source: ToolSourceSummary }) {
  const { t, i18n } = useLingui()
  const states = { running: t`running`, idle: t`idle`, restarting: t`restarting`, stopped: t`stopped` }
  const listed = health.listed_at === null ? null : formatAgo(health.listed_at, i18n.locale)
  return (
    <p className="text-row wrap-anywhere text-ink-3">
      {url !== null && `${url} · `}
      {stdio !== null && (
        <span dir="ltr" className="font-mono">
          {[stdio.command, ...stdio.args].join(' ')}
        </span>
      )}
      {stdio !== null && ' · '}
      {stdio?.is_fixed === true && (
        <>
          <Trans>named by a setting</Trans>
          {' · '}
        </>
      )}
      {process !== null && `${states[process]} · `}
      {listed === null ? (
        <Trans>never listed</Trans>
      ) : (
        <>
          <Plural value={count} one="# tool" other="# tools" />
          {' · '}
          <Trans>listed {listed}</Trans>
        </>
      )}
    </p>
  )
}

function SourceState({ health }: Pick<ToolSourceSummary, 'health'>) {
  const { t, i18n } = useLingui()
  const ms = health.status === 'up' ? health.latency_ms : null
  return (
    <span className="flex flex-none items-baseline gap-1.5">
      <HealthMark health={health} downText={t`Not working`} />
      {ms !== null && <span className="text-row whitespace-nowrap text-ink-3 tabular-nums">{`${new Intl.NumberFormat(i18n.locale).format(ms)}\u2009ms`}</span>}
    </span>
  )
}
