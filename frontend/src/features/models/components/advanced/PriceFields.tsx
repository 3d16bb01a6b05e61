/** What its models cost: as known, nothing, or prices of one's own. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Plus, X } from 'lucide-react'
import { useId } from 'react'

import { ChoiceGroup } from '@/shared/settings'
import { Button, ErrorLine, IconButton, Input } from '@/shared/ui'

import { NEW_PRICE, type PriceDraft, type Pricing } from '../../model/connectionOptions'
import { OptionsGroup, type OptionsPartProps } from './OptionsGroup'

export function PriceFields({ draft, onChange, errors }: OptionsPartProps) {
  const { t } = useLingui()
  const { pricing, prices } = draft
  const name = useId()
  const choose = (next: Pricing) => onChange({ ...draft, pricing: next, prices: next === 'own' && prices.length === 0 ? [NEW_PRICE] : prices })
  const put = (at: number, price: PriceDraft) => onChange({ ...draft, prices: prices.map((each, number) => (number === at ? price : each)) })
  const hints: Record<Pricing, string> = {
    known: t`From the price book, or as the provider reports it.`,
    free: t`Its answers cost nothing, such as those of a machine of your own.`,
    own: t`USD per million tokens. They count before what the provider reports.`,
  }
  return (
    <OptionsGroup title={<Trans>Prices</Trans>}>
      <div className="flex flex-col gap-1.5">
        <ChoiceGroup
          label={<Trans>What answers cost</Trans>}
          name={name}
          value={pricing}
          options={[
            { value: 'known', label: t`As known` },
            { value: 'free', label: t`Nothing` },
            { value: 'own', label: t`Own prices` },
          ]}
          onChange={choose}
        />
        <p className="text-row text-ink-3">{hints[pricing]}</p>
      </div>
      {pricing === 'own' && (
        <>
          {prices.map((price, at) => (
            <PriceRow key={at} price={price} number={at + 1} onChange={(next) => put(at, next)} onRemove={() => onChange({ ...draft, prices: prices.filter((_, number) => number !== at) })} />
          ))}
          {errors.prices && <ErrorLine>{errors.prices}</ErrorLine>}
          <Button size="sm" className="self-start" onClick={() => onChange({ ...draft, prices: [...prices, NEW_PRICE] })}>
            <Plus />
            <Trans>Add a price</Trans>
          </Button>
        </>
      )}
    </OptionsGroup>
  )
}

interface PriceRowProps {
  price: PriceDraft
  number: number
  onChange: (price: PriceDraft) => void
  onRemove: () => void
}

function PriceRow({ price, number, onChange, onRemove }: PriceRowProps) {
  const { t } = useLingui()
  const figures = [
    ['input', t`Input`],
    ['output', t`Output`],
    ['cached', t`Cached input`],
    ['reasoning', t`Reasoning`],
  ] as const
  return (
    <div role="group" aria-label={t`Price ${number}`} className="flex flex-col gap-2 border-l-2 border-line pl-3">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-1.5">
        <Input
          aria-label={t`Model`}
          placeholder={t`All other models`}
          spellCheck={false}
          value={price.model}
          onChange={(event) => onChange({ ...price, model: event.target.value })}
          className="font-mono text-code! placeholder:font-sans"
        />
        <IconButton label={t`Remove price ${number}`} icon={<X />} onClick={onRemove} />
      </div>
      <div className="grid grid-cols-4 gap-1.5 pr-[34px] max-sm:grid-cols-2 max-md:pr-[50px]">
        {figures.map(([figure, label]) => (
          <label key={figure} className="flex min-w-0 flex-col gap-1 text-badge text-ink-3">
            {label}
            <Input
              inputMode="decimal"
              placeholder={figure === 'cached' || figure === 'reasoning' ? t`same` : undefined}
              value={price[figure]}
              onChange={(event) => onChange({ ...price, [figure]: event.target.value })}
              className="text-right font-normal tabular-nums"
            />
          </label>
        ))}
      </div>
    </div>
  )
}
