/** What a person sets for a connection beside its address and key: as fields of a form, and as the server takes it. */
import type { ConnectionOptions, ConnectionOptionsPatch } from '@/shared/api'

export interface HeaderDraft {
  name: string
  value: string
  /** Its value is stored, and stays unless another is entered. */
  isStored: boolean
}

export interface PriceDraft {
  /** Empty: all models that have no price of their own here. */
  model: string
  input: string
  output: string
  cached: string
  reasoning: string
}

export type Pricing = 'known' | 'free' | 'own'

export interface OptionsDraft {
  headers: HeaderDraft[]
  body: string
  models: string
  authority: string
  proxy: string
  proxyHasLogin: boolean
  firstToken: string
  idle: string
  takesTools: boolean
  takesSystem: boolean
  pricing: Pricing
  prices: PriceDraft[]
}

export const NEW_HEADER: HeaderDraft = { name: '', value: '', isStored: false }
export const NEW_PRICE: PriceDraft = { model: '', input: '', output: '', cached: '', reasoning: '' }
export const NO_OPTIONS: OptionsDraft = {
  headers: [],
  body: '',
  models: '',
  authority: '',
  proxy: '',
  proxyHasLogin: false,
  firstToken: '',
  idle: '',
  takesTools: true,
  takesSystem: true,
  pricing: 'known',
  prices: [],
}

type StoredPrice = ConnectionOptions['prices'][number]

const isFree = (prices: readonly StoredPrice[]) =>
  prices.length === 1 && prices.every((price) => price.model === null && Number(price.input_per_million) === 0 && Number(price.output_per_million) === 0)

const priceDraftOf = (price: StoredPrice): PriceDraft => ({
  model: price.model ?? '',
  input: price.input_per_million,
  output: price.output_per_million,
  cached: price.cached_input_per_million ?? '',
  reasoning: price.reasoning_per_million ?? '',
})

const pricingOf = (prices: readonly StoredPrice[]): Pricing => {
  if (prices.length === 0) return 'known'
  return isFree(prices) ? 'free' : 'own'
}

const numberText = (value: number | null) => (value === null ? '' : String(value))

/** The fields of what is stored. */
export function optionsDraftOf(stored: ConnectionOptions | null): OptionsDraft {
  if (!stored) return NO_OPTIONS
  return {
    headers: stored.header_names.map((name) => ({ name, value: '', isStored: true })),
    body: Object.keys(stored.body).length > 0 ? JSON.stringify(stored.body, null, 2) : '',
    models: stored.models.join('\n'),
    authority: stored.authority ?? '',
    proxy: stored.proxy ?? '',
    proxyHasLogin: stored.proxy_has_login,
    firstToken: numberText(stored.first_token_seconds),
    idle: numberText(stored.idle_seconds),
    takesTools: stored.takes_tools,
    takesSystem: stored.takes_system,
    pricing: pricingOf(stored.prices),
    prices: isFree(stored.prices) ? [] : stored.prices.map(priceDraftOf),
  }
}

const decimal = (text: string) => text.trim().replace(',', '.')

function pricesOf({ pricing, prices }: OptionsDraft): NonNullable<ConnectionOptionsPatch['prices']> {
  if (pricing === 'known') return []
  if (pricing === 'free') return [{ input_per_million: '0', output_per_million: '0' }]
  return prices.map(({ model, input, output, cached, reasoning }) => ({
    model: model.trim() || null,
    input_per_million: decimal(input),
    output_per_million: decimal(output),
    ...(cached.trim() && { cached_input_per_million: decimal(cached) }),
    ...(reasoning.trim() && { reasoning_per_million: decimal(reasoning) }),
  }))
}

/** Names by hand, one a line. */
export const namesIn = (text: string) => [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)

const secondsIn = (text: string) => (text.trim() ? Number(decimal(text)) : null)

/** What the server takes; the draft has no problems. A stored header without a new value keeps its own. */
export function toOptions(draft: OptionsDraft): ConnectionOptionsPatch {
  const named = draft.headers.filter(({ name }) => name.trim())
  return {
    headers: Object.fromEntries(named.map(({ name, value, isStored }) => [name.trim(), isStored && !value.trim() ? null : value.trim()])),
    body: draft.body.trim() ? (JSON.parse(draft.body) as ConnectionOptionsPatch['body']) : null,
    models: namesIn(draft.models),
    authority: draft.authority.trim() || null,
    proxy: draft.proxy.trim() || null,
    first_token_seconds: secondsIn(draft.firstToken),
    idle_seconds: secondsIn(draft.idle),
    takes_tools: draft.takesTools,
    takes_system: draft.takesSystem,
    prices: pricesOf(draft),
  }
}

export const isUnchanged = (draft: OptionsDraft, before: OptionsDraft) => JSON.stringify(draft) === JSON.stringify(before)
