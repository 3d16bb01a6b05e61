/** Which field of a source's form a refusal of the server belongs to. */
import type { ApiError } from '@/shared/api'

export type SourceField = 'address' | 'name' | 'header' | 'secret' | 'command' | 'folder'

const BY_PATH: Record<string, SourceField> = { url: 'address', name: 'name', auth: 'secret', 'auth.header.name': 'header', 'stdio.command': 'command', 'stdio.cwd': 'folder' }

const pathOf = (entry: unknown) => (typeof entry === 'object' && entry !== null && 'field' in entry && typeof entry.field === 'string' ? entry.field : '')

/** Null where it belongs to none, so that it stands below the form. */
export function refusedField({ code, details }: ApiError): SourceField | null {
  if (code.startsWith('http.')) return 'address'
  const { fields } = details
  const path = pathOf(details) || (Array.isArray(fields) ? pathOf(fields[0]) : '')
  return BY_PATH[path] ?? BY_PATH[path.split('.')[0] ?? ''] ?? null
}
