/** What went into a prompt, and what had to stay out, in tokens of the model's window. */
import type { Context } from '@/shared/api'

export function usedTokens({ parts }: Context): number {
  return parts.reduce((sum, part) => sum + part.tokens, 0)
}
