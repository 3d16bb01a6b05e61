import { useLingui } from '@lingui/react/macro'

import type { ConnectionKind } from '@/shared/api'

// eslint-disable-next-line lingui/no-unlocalized-strings -- names of products are not translated
const PRODUCTS = { openai: 'OpenAI', anthropic: 'Anthropic', gemini: 'Gemini', openrouter: 'OpenRouter', ollama: 'Ollama' } as const

/** What the kinds are called. */
export function useKindNames(): Record<ConnectionKind, string> {
  const { t } = useLingui()
  return {
    ...PRODUCTS,
    openai_compatible: t`OpenAI-compatible`,
  }
}
