/** Why an answer failed, and what helps. */
import type { NoticePart } from '@/shared/api'
import { retryTime } from '@/shared/lib/retryTime'

import type { Message } from './message'

/** What another model may do better. All else is not the model's fault. */
const OF_THE_MODEL = /^(llm\.|context\.prompt_too_long$|runs\.(content_filter|empty_answer)$)/
const OF_ALL_MODELS: ReadonlySet<string> = new Set(['llm.connection_invalid'])

export function helpsAnotherModel(code: string): boolean {
  return OF_THE_MODEL.test(code) && !OF_ALL_MODELS.has(code)
}

export interface FailureProblem {
  code: string
  message: string
  retryAt: number | null
}

/** The wait that a provider asked for counts from the end of the answer; one that has passed is none. */
export function problemOfFailure(message: Message, failure: NoticePart | null, now: number = Date.now()): FailureProblem {
  if (failure === null) return { code: 'runs.failed', message: '', retryAt: null }
  const ended = Date.parse(message.created_at) + (message.timing?.total_ms ?? 0)
  const retryAt = retryTime(failure.details, ended)
  return { code: failure.code, message: failure.message, retryAt: retryAt !== null && retryAt > now ? retryAt : null }
}

/** The reason for the end of a failed answer: its last notice. */
export function failureOf({ status, content }: Pick<Message, 'status' | 'content'>): NoticePart | null {
  const last = content.at(-1)
  return status === 'failed' && last?.type === 'notice' ? last : null
}
