import { useQuery } from '@tanstack/react-query'

import { useModels } from '@/shared/api'

import { contextQuery } from '../api/runs'
import { estimateNext, type Estimate } from '../model/estimate'
import type { Message } from '../model/message'

/** What the next question will roughly take; null while the model is not known. */
export function useEstimate(draft: string, model: string | null, lastAnswer: Message | null): Estimate | null {
  const { data: models } = useModels()
  const runId = lastAnswer?.run_id ?? null
  const { data: context = null } = useQuery({ ...contextQuery(runId ?? ''), enabled: runId !== null, retry: false })
  const chosen = models?.items.find(({ id }) => id === (model ?? models.default_model))
  if (chosen === undefined) return null
  const lastUsage = lastAnswer === null ? null : lastAnswer.usage
  return estimateNext({ draft, context, lastUsage, window: chosen.context_window ?? 0, price: chosen.price })
}
