import type { Problem } from '@/shared/api'

import type { Attachment } from './attachment'
import { attachedParts, type Message } from './message'

/** Why a question came back. */
export interface Refusal {
  problem: Problem
  /** The files that it was refused for. */
  fileIds: readonly string[]
  /** The model that was asked. */
  model: string | null
}

/** What the server says to the same words however often they are sent. */
const FINAL: ReadonlySet<string> = new Set([
  'stream.too_large',
  'stream.bad_frame',
  'core.invalid_request',
  'core.invalid_text',
  'core.invalid_number',
  'core.too_deep',
  'core.too_many_values',
  'core.too_large',
  'http.413',
  'http.422',
  'runs.nothing_to_answer',
  'files.not_found',
  'files.gone',
  'llm.images_refused',
])

/** Sent again it would be refused again: the words go back to whoever wrote them. */
export function isFinal(code: string): boolean {
  return FINAL.has(code)
}

/** The files of a question that a refusal is about; none where it is about its words. */
export function refusedFiles({ code, details }: RefusalTold, question: Message): string[] {
  const parts = attachedParts(question)
  const ids = (some: typeof parts) => some.map(({ file_id: id }) => id)
  if (code === 'llm.images_refused') return ids(parts.filter(({ type }) => type === 'image'))
  if (!code.startsWith('files.')) return []
  const named = parts.filter(({ file_id: id }) => id === details['file_id'])
  return ids(named.length > 0 ? named : parts)
}

interface RefusalTold {
  code: string
  details: Record<string, unknown>
}

/** What still holds of a refusal: not once its files were taken out, or another model is asked than the one that refused. */
export function standing({ problem, fileIds, model }: Refusal, items: readonly Attachment[], asked: string | null): Problem | null {
  if (fileIds.length > 0 && !items.some(({ file }) => file !== null && fileIds.includes(file.id))) return null
  return problem.code.startsWith('llm.') && model !== asked ? null : problem
}
