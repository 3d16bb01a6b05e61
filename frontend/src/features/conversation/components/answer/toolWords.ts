/** What a tool did, in words: ours for the built-in tools, the tool's own title for all others. */
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { toolsQuery } from '@/shared/api'

export function useToolWords(): (name: string, isRunning: boolean) => string {
  const { t } = useLingui()
  const { data } = useQuery(toolsQuery())
  const done: Partial<Record<string, string>> = {
    calculator: t`Calculated`,
    optimize: t`Optimised`,
    table_statistics: t`Analysed a table`,
    date_time: t`Checked the calendar`,
  }
  const running: Partial<Record<string, string>> = {
    calculator: t`Calculating`,
    optimize: t`Optimising`,
    table_statistics: t`Analysing a table`,
    date_time: t`Checking the calendar`,
  }
  return (name, isRunning) => {
    const title = data?.items.find((tool) => tool.name === name)?.title
    if (isRunning) return running[name] ?? t`Using ${name}`
    return done[name] ?? title ?? t`Used ${name}`
  }
}
