/** Four real questions, each of which needs a tool. */
import { useLingui } from '@lingui/react/macro'

export function usePrompts(): { title: string; text: string }[] {
  const { t } = useLingui()
  return [
    { title: t`Percentage`, text: t`What is 17.5 % of 2,340?` },
    {
      title: t`Best plan`,
      text: t`A loaf earns 3 and takes 1 hour, a cake earns 8 and takes 3 hours. Maximise 3 loaves + 8 cakes subject to loaves + 3 cakes <= 40; loaves <= 30; whole numbers`,
    },
    {
      title: t`Statistics`,
      text: t`Give me the mean, median and spread of each column.\n\nmonth,orders,returns\nJan,120,8\nFeb,135,6\nMar,160,11\nApr,149,9\nMay,171,7`,
    },
    { title: t`Dates and zones`, text: t`A call is at 9:30 in Lisbon on 3 March 2027. What time is that in Tokyo?` },
  ]
}
