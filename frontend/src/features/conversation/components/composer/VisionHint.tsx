/** Pictures, and a model that sees none, or may see none: says so before anything is sent, and offers one that does. */
import { Trans } from '@lingui/react/macro'
import { EyeOff } from 'lucide-react'

import { useModels, type Model } from '@/shared/api'
import { cx } from '@/shared/ui'

import type { Attachment } from '../../model/attachment'

interface VisionHintProps {
  items: readonly Attachment[]
  model: string | null
  onModel: (model: string) => void
}

export default function VisionHint({ items, model, onModel }: VisionHintProps) {
  const { chosen, other } = useSight(model)
  if (chosen === undefined || chosen.capabilities.sight === 'sees' || !items.some(isPicture)) return null
  const { name } = chosen
  const isBlind = chosen.capabilities.sight === 'blind'
  return (
    <p
      role="status"
      className={cx(
        'mb-2 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-block px-3 py-2 text-row max-md:py-0.5',
        isBlind ? 'bg-warn-soft text-warn' : 'border border-line bg-panel text-ink-2',
      )}
    >
      <span className="flex min-w-0 flex-1 basis-52 items-center gap-2 py-1">
        <EyeOff aria-hidden className="size-4 flex-none" />
        <span className="min-w-0 wrap-anywhere">{isBlind ? <Trans>{name} sees no pictures.</Trans> : <Trans>{name} may not see pictures.</Trans>}</span>
      </span>
      {other !== undefined && (
        <button type="button" className="link min-h-7 min-w-0 text-left font-medium wrap-anywhere max-md:min-h-11" onClick={() => onModel(other.id)}>
          <AnswerWith name={other.name} />
        </button>
      )}
    </p>
  )
}

/** The model that will answer, and in its place one that sees. */
function useSight(model: string | null): { chosen?: Model | undefined; other?: Model | undefined } {
  const { data } = useModels()
  if (data === undefined) return {}
  const chosen = data.items.find(({ id }) => id === (model ?? data.default_model))
  return { chosen, other: chosen && seeing(data.items, chosen) }
}

/** As far as is known before it is here. */
const isPicture = (item: Attachment) => (item.file === null ? item.isPicture : item.file.kind === 'image')

/** One that answers and sees, of the same provider where it has one. */
function seeing(models: readonly Model[], chosen: Model): Model | undefined {
  const able = models.filter(({ capabilities, health }) => capabilities.sight === 'sees' && health.status !== 'down')
  return able.find(({ provider }) => provider === chosen.provider) ?? able[0]
}

function AnswerWith({ name }: { name: string }) {
  return <Trans>Answer with {name}</Trans>
}
