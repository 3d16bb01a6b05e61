/** The list in the picker: search, providers with their health, models with price and window. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Check, Plug, Search } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'

import { type Model, useModels } from '@/shared/api'
import { formatTokens } from '@/shared/lib/format'
import { isComposing } from '@/shared/lib/keys'
import { ProblemLine } from '@/shared/problems'
import { HealthMark } from '@/shared/settings'
import { cx, Skeleton } from '@/shared/ui'

import { groupModels, type ProviderGroup } from '../model/groupModels'
import { PriceText } from './PriceText'

/** Fewer than this are seen at a glance. */
const SEARCH_FROM = 8

interface ModelListProps {
  current: string | null
  showConnect: boolean
  onConnect: () => void
  onChoose: (id: string) => void
}

export function ModelList({ current, showConnect, onConnect, onChoose }: ModelListProps) {
  const { t } = useLingui()
  const [search, setSearch] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const { data, error } = useModels()

  if (error && !data) return <div className="p-3"><ProblemLine error={error} /></div>
  if (!data) return <Skeleton className="m-3 h-40" />
  const groups = groupModels(data, search)
  const onKeyDown = (event: KeyboardEvent) => moveFocus(event, list.current)

  return (
    // The list moves the focus between its own buttons.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- see above
    <div ref={list} onKeyDown={onKeyDown} className="flex max-h-[min(460px,var(--radix-popover-content-available-height,60dvh))] min-h-0 flex-col">
      {showConnect && <ConnectRow onConnect={onConnect} />}
      {data.items.length >= SEARCH_FROM && (
        <div className="flex flex-none items-center gap-2 border-b border-line px-3 text-ink-3">
          <Search aria-hidden />
          <input
            aria-label={t`Search models`}
            placeholder={t`Search models`}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="h-10 min-w-0 flex-1 bg-transparent text-ui text-ink outline-none max-md:h-11 max-md:text-prose"
          />
        </div>
      )}
      <div className="min-h-0 overflow-y-auto p-1">
        {groups.map((group) => (
          <Group key={group.provider.id} group={group} current={current} chosenDefault={data.chosen_default} onChoose={onChoose} />
        ))}
        {groups.length === 0 && (
          <p className="px-2 py-4 text-ui text-ink-2">
            <Trans>No model has this name.</Trans>
          </p>
        )}
      </div>
    </div>
  )
}

function moveFocus(event: KeyboardEvent, list: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined || !list || isComposing(event)) return
  event.preventDefault()
  const stops = [...list.querySelectorAll<HTMLElement>('button, input')]
  const at = stops.indexOf(document.activeElement as HTMLElement)
  stops[(at + step + stops.length) % stops.length]?.focus()
}

function ConnectRow({ onConnect }: { onConnect: () => void }) {
  return (
    <button
      type="button"
      onClick={onConnect}
      className="press flex flex-none items-center gap-3 border-b border-line px-3 py-2.5 text-left -outline-offset-2 hover:selected"
    >
      <Plug aria-hidden />
      <span className="min-w-0">
        <span className="block text-ui font-medium text-ink">
          <Trans>Connect a model</Trans>
        </span>
        <span className="block text-row text-ink-2">
          <Trans>Paste a key or an Ollama address; it answers at once.</Trans>
        </span>
      </span>
    </button>
  )
}

interface GroupProps {
  group: ProviderGroup
  current: string | null
  /** What is set for new chats. */
  chosenDefault: string | null
  onChoose: (id: string) => void
}

function Group({ group: { provider, models }, current, chosenDefault, onChoose }: GroupProps) {
  return (
    <section aria-label={provider.name} className="pb-1">
      <div className="flex items-center justify-between gap-2 px-2 pt-2 pb-1">
        <p aria-hidden className="text-badge text-ink-3">
          <bdi>{provider.name}</bdi>
        </p>
        <HealthMark health={provider.health} quiet />
      </div>
      {provider.health.status === 'down' && provider.health.detail && <p className="px-2 pb-1 text-row text-ink-2">{provider.health.detail}</p>}
      {models.map((model) => (
        <ModelRow key={model.id} model={model} isChosen={model.id === current} isDefault={model.id === chosenDefault} onChoose={() => onChoose(model.id)} />
      ))}
    </section>
  )
}

interface ModelRowProps {
  model: Model
  isChosen: boolean
  isDefault: boolean
  onChoose: () => void
}

function ModelRow({ model, isChosen, isDefault, onChoose }: ModelRowProps) {
  const { t, i18n } = useLingui()
  const tokens = model.context_window === null ? null : formatTokens(model.context_window, i18n.locale)
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={cx(
        'press flex min-h-11 w-full items-center gap-2 rounded-control px-2 py-1 text-left -outline-offset-2',
        isChosen ? 'selected' : 'hover:selected',
        model.health.status === 'down' && 'opacity-60',
      )}
    >
      <span className="min-w-0 flex-1">
        <span className={cx('block truncate text-ui', isChosen && 'font-medium')}>
          <bdi>{model.name}</bdi>
          {isDefault && (
            <span className="ml-2 text-row font-normal text-ink-3">
              <Trans>default</Trans>
            </span>
          )}
        </span>
        <span className="block truncate text-row text-ink-3">
          <PriceText price={model.price} />
          {tokens && ` · ${t`${tokens} window`}`}
          {!model.capabilities.tools && ` · ${t`no tools`}`}
        </span>
      </span>
      {isChosen && <Check aria-hidden className="text-ink" />}
    </button>
  )
}
