/** What a model costs per million tokens, in and out; an unknown price is said, never shown as nothing. */
import { Trans, useLingui } from '@lingui/react/macro'

import type { Price } from '@/shared/api'
import { formatPrice } from '@/shared/lib/format'

export function PriceText({ price }: { price: Price | null }) {
  const { i18n } = useLingui()
  if (!price) return <Trans>unpriced</Trans>
  if (Number(price.input_per_million) === 0 && Number(price.output_per_million) === 0) return <Trans>free</Trans>
  const input = formatPrice(price.input_per_million, i18n.locale)
  const output = formatPrice(price.output_per_million, i18n.locale)
  return (
    <Trans>
      {input} in, {output} out
    </Trans>
  )
}
