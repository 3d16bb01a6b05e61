import { useLingui } from '@lingui/react/macro'

import type { Problem } from '../../model/optionProblems'

/** What to do about a problem of a field. */
export function useProblemText(): (problem: Problem | undefined) => string | undefined {
  const { t } = useLingui()
  return (problem) => {
    if (!problem) return undefined
    const { name } = problem
    const texts: Record<Problem['code'], string> = {
      headerName: t`A header's name has letters, digits and hyphens, such as X-Team.`,
      headerTwice: t`The header ${name} is there twice.`,
      headerValue: t`The header ${name} needs a value of plain letters, digits and signs.`,
      headerOwn: t`The header ${name} belongs to the connection itself.`,
      notJson: t`This is not JSON: ${name}`,
      notObject: t`This must be an object in braces, such as {"top_k": 40}.`,
      ownField: t`The field ${name} is set by each request itself.`,
      tooMany: t`At most 500 names.`,
      notPem: t`This is no certificate in PEM form. It begins with -----BEGIN CERTIFICATE-----.`,
      notProxy: t`A proxy is a host and a port, such as http://proxy.lan:3128.`,
      notSeconds: t`Between 1 and 3,600 seconds.`,
      noPrice: t`Add a price, or choose another of the three.`,
      notPrice: t`Each price needs at least input and output, in USD, such as 0.25.`,
      priceTwice: name ? t`${name} has two prices.` : t`Two prices are for all other models.`,
    }
    return texts[problem.code]
  }
}
