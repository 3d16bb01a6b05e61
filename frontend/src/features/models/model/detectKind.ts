/** Tells from a pasted key whose it is. */
import type { ConnectionKind } from '@/shared/api'

const PREFIXES: [RegExp, ConnectionKind][] = [
  [/^sk-ant-/, 'anthropic'],
  [/^sk-or-/, 'openrouter'],
  [/^AIza/, 'gemini'],
  [/^sk-(proj|svcacct|admin)-/, 'openai'],
]

export function detectKind(key: string): ConnectionKind | null {
  return PREFIXES.find(([prefix]) => prefix.test(key.trim()))?.[1] ?? null
}

interface KindFields {
  key: 'needed' | 'optional' | 'none'
  address: 'needed' | 'none'
  /** What stands in the address field at first. */
  startAddress: string
  keyExample: string
}

export const KINDS: Record<ConnectionKind, KindFields> = {
  openai: { key: 'needed', address: 'none', startAddress: '', keyExample: 'sk-proj-…' },
  anthropic: { key: 'needed', address: 'none', startAddress: '', keyExample: 'sk-ant-…' },
  gemini: { key: 'needed', address: 'none', startAddress: '', keyExample: 'AIzaSy…' },
  openrouter: { key: 'needed', address: 'none', startAddress: '', keyExample: 'sk-or-…' },
  ollama: { key: 'none', address: 'needed', startAddress: 'http://localhost:11434', keyExample: '' },
  openai_compatible: { key: 'optional', address: 'needed', startAddress: '', keyExample: '' },
}

export interface ConnectDraft {
  kind: ConnectionKind
  name: string
  address: string
  key: string
}

/** The body of the request: only the fields that this kind has, and only where something stands in them. */
export function toConnection({ kind, name, address, key }: ConnectDraft) {
  const fields = KINDS[kind]
  return {
    kind,
    ...(name.trim() && { name: name.trim() }),
    ...(fields.address !== 'none' && address.trim() && { base_url: address.trim() }),
    ...(fields.key !== 'none' && key.trim() && { api_key: key.trim() }),
  }
}
