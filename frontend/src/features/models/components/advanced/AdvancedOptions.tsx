/** The part of a connection's form that most never need: folded, with what is set in it told on its line. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ChevronRight } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'

import type { ConnectionKind } from '@/shared/api'
import { cx } from '@/shared/ui'

import { namesIn, type OptionsDraft } from '../../model/connectionOptions'
import { ModelFields } from './ModelFields'
import type { OptionsPartProps } from './OptionsGroup'
import { PriceFields } from './PriceFields'
import { RequestFields } from './RequestFields'
import { RouteFields } from './RouteFields'

export function AdvancedOptions({ kind, ...part }: OptionsPartProps & { kind: ConnectionKind }) {
  const [isOpened, setOpened] = useState(false)
  const bodyId = useId()
  const isOpen = isOpened || Object.keys(part.errors).length > 0
  return (
    <div className="border-t border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? bodyId : undefined}
        onClick={() => setOpened(!isOpen)}
        className="press -mx-1 mt-2 flex min-h-9 w-full items-center gap-1.5 rounded-control px-1 text-left hover:bg-hover max-md:min-h-11"
      >
        <ChevronRight aria-hidden className={cx('flex-none text-ink-3 transition-transform', isOpen && 'rotate-90')} />
        <span className="text-row font-medium">
          <Trans>Advanced</Trans>
        </span>
        {!isOpen && (
          <span className="min-w-0 truncate text-row text-ink-3">
            <Summary draft={part.draft} />
          </span>
        )}
      </button>
      {isOpen && (
        <div id={bodyId} className="flex flex-col gap-6 pt-3 pb-1">
          <RequestFields {...part} />
          <RouteFields {...part} />
          <ModelFields {...part} kind={kind} />
          <PriceFields {...part} />
        </div>
      )}
    </div>
  )
}

function Summary({ draft }: { draft: OptionsDraft }) {
  const { t } = useLingui()
  const headers = draft.headers.length
  const names = namesIn(draft.models).length
  const told: [boolean, ReactNode][] = [
    [headers > 0, <Plural key="headers" value={headers} one="# header" other="# headers" />],
    [draft.body.trim() !== '', t`extra fields`],
    [draft.proxy.trim() !== '', t`proxy`],
    [draft.authority.trim() !== '', t`certificate`],
    [Boolean(draft.firstToken.trim() || draft.idle.trim()), t`waiting times`],
    [names > 0, <Plural key="names" value={names} one="# name by hand" other="# names by hand" />],
    [!draft.takesTools, t`no tools`],
    [!draft.takesSystem, t`no system role`],
    [draft.pricing === 'free', t`free`],
    [draft.pricing === 'own', t`own prices`],
  ]
  const set = told.filter(([isSet]) => isSet).map(([, words]) => words)
  if (set.length === 0) return <Trans>Headers, proxy, prices, waiting times</Trans>
  return set.map((words, at) => (
    <span key={at}>
      {at > 0 && ' · '}
      {words}
    </span>
  ))
}
