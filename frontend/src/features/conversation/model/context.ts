/** How full a model's window is: the one definition, for the inspector and for the line below the composer. */
import type { Context, MessageUsage, Model } from '@/shared/api'

import type { Part } from './message'
import { isWork } from './steps'

const CHARACTERS_PER_TOKEN = 4

export interface WindowUse {
  tokens: number
  /** Null where the model does not say how much it reads. */
  window: number | null
  /** 0 to 1; null where the window is not known. */
  share: number | null
}

interface UseFrom {
  /** What the model was given for the last answer. */
  context: Context | null
  /** What that answer took. */
  usage: MessageUsage | null
  /** What is being written. */
  draft?: string
  window: number | null
}

/** What was given, what was said, and what is being written: together they are what the model reads next. */
export function windowUse({ context, usage, draft = '', window }: UseFrom): WindowUse {
  const tokens = context === null ? draftTokens(draft) : usedTokens(context) + answerTokens(usage) + draftTokens(draft)
  return { tokens, window, share: window === null || window <= 0 ? null : Math.min(1, tokens / window) }
}

export function usedTokens({ parts }: Context): number {
  return parts.reduce((sum, part) => sum + part.tokens, 0)
}

/** Reasoning is not read again. */
export function answerTokens(usage: MessageUsage | null): number {
  return usage === null ? 0 : Math.max(0, usage.output_tokens - usage.reasoning_tokens)
}

function draftTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

/** The window that an answer was made with; a model that does not name its own was only guessed at. */
export function windowOf(context: Context | null, model: Pick<Model, 'context_window'> | undefined): number | null {
  const own = model === undefined ? context?.window : model.context_window
  return own == null ? null : (context?.window ?? own)
}

/** Whether a prompt was made for an answer: what a model wrote or took came of one. Before that the server has none to tell of. */
export function hasPrompt(parts: readonly Part[], usage: MessageUsage | null): boolean {
  return (usage?.input_tokens ?? 0) > 0 || parts.some((part) => isWork(part) || part.type === 'text')
}
