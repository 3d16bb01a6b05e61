/** What is wrong with the fields of a connection, known before the server is asked. */
import type { OptionsDraft, PriceDraft } from './connectionOptions'
import { namesIn } from './connectionOptions'

export type OptionField = 'headers' | 'body' | 'models' | 'authority' | 'proxy' | 'firstToken' | 'idle' | 'prices'
export type ProblemCode =
  | 'headerName'
  | 'headerTwice'
  | 'headerValue'
  | 'headerOwn'
  | 'notJson'
  | 'notObject'
  | 'ownField'
  | 'tooMany'
  | 'notPem'
  | 'notProxy'
  | 'notSeconds'
  | 'noPrice'
  | 'notPrice'
  | 'priceTwice'

export interface Problem {
  code: ProblemCode
  /** The header, field or model that it is about. */
  name: string
}

export type Problems = Partial<Record<OptionField, Problem>>

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/
const HEADER_VALUE = /^[\x20-\x7e]+$/
const OWN_HEADERS = new Set(
  'host content-length content-type transfer-encoding connection accept-encoding upgrade te trailer proxy-authorization keep-alive expect'.split(' '),
)
const OWN_FIELDS = ['model', 'messages', 'stream', 'tools', 'tool_choice']
const PRICE = /^\d{1,7}([.,]\d{1,6})?$/
const MOST_NAMES = 500
const [SHORTEST, LONGEST] = [1, 3600]

function headerProblem({ headers }: OptionsDraft): Problem | undefined {
  const seen = new Set<string>()
  for (const { name: written, value, isStored } of headers) {
    const name = written.trim()
    if (!name && !value.trim()) continue
    if (!HEADER_NAME.test(name)) return { code: 'headerName', name }
    if (OWN_HEADERS.has(name.toLowerCase())) return { code: 'headerOwn', name }
    if (seen.has(name.toLowerCase())) return { code: 'headerTwice', name }
    seen.add(name.toLowerCase())
    if (!HEADER_VALUE.test(value.trim()) && !(isStored && !value.trim())) return { code: 'headerValue', name }
  }
  return undefined
}

function bodyProblem({ body }: OptionsDraft): Problem | undefined {
  if (!body.trim()) return undefined
  let read: unknown
  try {
    read = JSON.parse(body)
  } catch (error) {
    return { code: 'notJson', name: error instanceof Error ? error.message : '' }
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return { code: 'notObject', name: '' }
  const own = OWN_FIELDS.find((name) => name in read)
  return own ? { code: 'ownField', name: own } : undefined
}

function proxyProblem({ proxy }: OptionsDraft): Problem | undefined {
  const text = proxy.trim()
  if (!text) return undefined
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  const isProxy = url !== null && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' && url.pathname === '/' && !url.search && !url.hash
  return isProxy ? undefined : { code: 'notProxy', name: text }
}

const isPrice = (text: string) => PRICE.test(text.trim())

function priceProblem({ pricing, prices }: OptionsDraft): Problem | undefined {
  if (pricing !== 'own') return undefined
  if (prices.length === 0) return { code: 'noPrice', name: '' }
  const isWrong = ({ input, output, cached, reasoning }: PriceDraft) =>
    !isPrice(input) || !isPrice(output) || [cached, reasoning].some((text) => text.trim() !== '' && !isPrice(text))
  const wrong = prices.find(isWrong)
  if (wrong) return { code: 'notPrice', name: wrong.model.trim() }
  const names = prices.map(({ model }) => model.trim())
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? undefined : { code: 'priceTwice', name: twice }
}

function secondsProblem(text: string): Problem | undefined {
  if (!text.trim()) return undefined
  const seconds = Number(text.trim().replace(',', '.'))
  return seconds >= SHORTEST && seconds <= LONGEST ? undefined : { code: 'notSeconds', name: '' }
}

/** One problem a field, the first. */
export function optionProblems(draft: OptionsDraft): Problems {
  const isPem = !draft.authority.trim() || /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(draft.authority)
  const found: Problems = {
    headers: headerProblem(draft),
    body: bodyProblem(draft),
    models: namesIn(draft.models).length > MOST_NAMES ? { code: 'tooMany', name: '' } : undefined,
    authority: isPem ? undefined : { code: 'notPem', name: '' },
    proxy: proxyProblem(draft),
    firstToken: secondsProblem(draft.firstToken),
    idle: secondsProblem(draft.idle),
    prices: priceProblem(draft),
  }
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== undefined))
}
