/** The models under their providers, as the picker and the settings list them. */
import type { Model, Models, Provider } from '@/shared/api'

export interface ProviderGroup {
  provider: Provider
  models: Model[]
}

/** Up first, then what is not known, then down; within one state as the server orders them. */
const ORDER = { up: 0, unknown: 1, down: 2 } as const

export function groupModels({ items, providers }: Pick<Models, 'items' | 'providers'>, search = ''): ProviderGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (model: Model, provider: Provider) => {
    const text = `${provider.name} ${model.id} ${model.name}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return providers
    .map((provider) => ({
      provider,
      models: items.filter((model) => model.provider === provider.id && fits(model, provider)),
    }))
    .filter(({ models }) => models.length > 0)
    .sort((a, b) => ORDER[a.provider.health.status] - ORDER[b.provider.health.status])
}

/** The part of an id that a person reads: `gpt-5.2-mini` of `openai/gpt-5.2-mini`. */
export function shortName(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}
