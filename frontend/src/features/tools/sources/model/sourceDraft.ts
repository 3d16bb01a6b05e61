/** What is entered about a source, and what of it is sent. */
import type { ToolSourceSummary, ToolSourceCreate, ToolSourcePatch } from '@/shared/api'

import { suggestedName } from './suggestedName'

export type SignIn = 'none' | 'bearer' | 'header'

export interface SourceDraft {
  url: string
  /** Null until somebody types one: then it follows the address. */
  name: string | null
  signIn: SignIn
  header: string
  secret: string
}

export const EMPTY_DRAFT: SourceDraft = { url: '', name: null, signIn: 'none', header: '', secret: '' }

export const nameOf = ({ name, url }: SourceDraft) => name ?? suggestedName(url)

export function toSource(draft: SourceDraft, owner: ToolSourceCreate['for']): ToolSourceCreate {
  return { kind: 'mcp', name: nameOf(draft).trim(), url: draft.url.trim(), for: owner, auth: authOf(draft) }
}

export function draftOf({ url, name, auth }: ToolSourceSummary): SourceDraft {
  return { url: url ?? '', name, signIn: auth?.type ?? 'none', header: auth?.name ?? '', secret: '' }
}

/** A stored secret stays only where it goes to the same address in the same way. */
export function keepsSecret({ url, auth }: ToolSourceSummary, draft: SourceDraft): boolean {
  return auth !== null && url === draft.url.trim() && auth.type === draft.signIn && (auth.name ?? '') === draft.header.trim()
}

/** The fields that are no longer as they were. */
export function changeOf(source: ToolSourceSummary, draft: SourceDraft): Partial<ToolSourcePatch> {
  const name = nameOf(draft).trim()
  const url = draft.url.trim()
  const hasNewAuth = draft.signIn === 'none' ? source.auth !== null : draft.secret !== '' || !keepsSecret(source, draft)
  return {
    ...(name !== source.name && { name }),
    ...(url !== source.url && { url }),
    ...(hasNewAuth && { auth: authOf(draft) }),
  }
}

function authOf({ signIn, header, secret }: SourceDraft): ToolSourceCreate['auth'] {
  if (signIn === 'none') return null
  return signIn === 'bearer' ? { type: 'bearer', token: secret } : { type: 'header', name: header.trim(), value: secret }
}
