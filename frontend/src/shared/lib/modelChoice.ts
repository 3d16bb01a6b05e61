/** Which model to propose where a person has not chosen: for everybody after a connection, or in place of one that failed. */
import type { Model } from '@/shared/api'

/** Models of other trades: a chat with them ends in an error. */
const OTHER_TRADE = /embed|whisper|tts|transcri|speech|audio|realtime|moderation|dall-?e|image|imagen|veo|sora|rerank|guard|babbage|davinci|\baqa\b|\bbge\b|ocr/i
const UNSETTLED = /preview|exp\b|experimental|alpha|beta|nightly|\brc\d?\b/i
const DATED = /\d{4}-\d{2}-\d{2}|\d{6,8}|latest/i
/** USD per million tokens of output: what costs more is chosen, not proposed. */
const MODERATE = 20

const nameOf = ({ id }: Model) => id.slice(id.indexOf('/') + 1)
const isDemo = ({ provider }: Model) => provider === 'demo'

export function canChat(model: Model): boolean {
  return !OTHER_TRADE.test(nameOf(model))
}

/** 5.2 of `gpt-5.2-mini`, 4.5 of `claude-sonnet-4-5`, 3.3 of `llama3.3:70b`; sizes and dates are no versions. */
function versionOf(model: Model): number {
  const found = /(?:^|[a-z_-])(\d{1,2})(?:[.-](\d{1,2}))?(?![\d]|b\b)/i.exec(nameOf(model))
  return found === null ? 0 : Number(`${found[1] ?? '0'}.${found[2] ?? '0'}`)
}

/** What makes a model a good answer to "just a model": the first difference decides. */
function merits(model: Model): number[] {
  const name = nameOf(model)
  const price = model.price === null ? MODERATE : Number(model.price.output_per_million)
  return [
    Number(model.capabilities.tools),
    Number(!UNSETTLED.test(name)),
    Number(price <= MODERATE),
    versionOf(model),
    Number(!DATED.test(name)),
    -name.length,
  ]
}

function byMerit(a: Model, b: Model): number {
  const ofB = merits(b)
  const difference = merits(a).map((merit, at) => (ofB[at] ?? 0) - merit)
  return difference.find((step) => step !== 0) ?? nameOf(a).localeCompare(nameOf(b))
}

/** The best of these for everybody; null where none of them can chat. */
export function suggestModel(models: readonly Model[]): Model | null {
  const usable = models.filter((model) => canChat(model) && model.health.status !== 'down')
  return usable.sort(byMerit)[0] ?? null
}

/** Another model for a question whose answer failed: of another provider first, since what failed there fails for its brothers too. */
export function modelInstead(models: readonly Model[], failedId: string | null): Model | null {
  const failed = models.find(({ id }) => id === failedId)
  const provider = failed?.provider ?? failedId?.split('/')[0]
  const others = models.filter((model) => model.id !== failedId && !isDemo(model))
  return suggestModel(others.filter((model) => model.provider !== provider)) ?? suggestModel(others)
}
