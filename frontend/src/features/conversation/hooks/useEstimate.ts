import { useQuery } from '@tanstack/react-query'

import { type Model, type Models, useModels } from '@/shared/api'

import { contextQuery } from '../api/runs'
import { hasPrompt, windowOf } from '../model/context'
import { estimateNext, type Estimate } from '../model/estimate'
import type { Message } from '../model/message'

/** What the next question will roughly take; null while the model is not known. */
export function useEstimate(draft: string, model: string | null, lastAnswer: Message | null): Estimate | null {
  const { data: models } = useModels()
  const runId = lastAnswer !== null && hasPrompt(lastAnswer.content, lastAnswer.usage) ? lastAnswer.run_id : null
  const { data: context = null } = useQuery({ ...contextQuery(runId ?? ''), enabled: runId !== null, retry: false })
  const chosen = chosenOf(models, model)
  if (chosen === undefined) return null
  const window = lastAnswer?.model === chosen.id ? windowOf(context, chosen) : chosen.context_window
  return estimateNext({ draft, context, lastUsage: lastAnswer?.usage ?? null, window, price: chosen.price })
}

function chosenOf(models: Models | undefined, id: string | null): Model | undefined {
  return models?.items.find((model) => model.id === (id ?? models.default_model))
}
