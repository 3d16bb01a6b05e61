/** Which field of a connection's form a refusal of the server belongs to. */
import type { OptionField } from './optionProblems'

export type ConnectionField = OptionField | 'name' | 'address' | 'key'

const BY_PATH: Record<string, ConnectionField> = {
  name: 'name',
  base_url: 'address',
  api_key: 'key',
  key: 'key',
  'options.headers': 'headers',
  'options.body': 'body',
  'options.models': 'models',
  'options.authority': 'authority',
  'options.proxy': 'proxy',
  'options.first_token_seconds': 'firstToken',
  'options.idle_seconds': 'idle',
  'options.prices': 'prices',
}

const pathOf = (entry: unknown) => (typeof entry === 'object' && entry !== null && 'field' in entry && typeof entry.field === 'string' ? entry.field : '')

interface Refusal {
  code: string
  details: Record<string, unknown>
}

/** Null where it belongs to none, so that it stands below the form. */
export function refusedField(error: Refusal): ConnectionField | null {
  if (error.code === 'llm.connection_exists') return 'name'
  const { fields } = error.details
  const path = pathOf(error.details) || (Array.isArray(fields) ? pathOf(fields[0]) : '')
  return BY_PATH[path] ?? BY_PATH[path.split('.').slice(0, 2).join('.')] ?? null
}
