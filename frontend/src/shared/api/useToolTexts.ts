/** What a tool is called and what it is for: our words for the built-in ones, its own for all others. */
import { useLingui } from '@lingui/react/macro'

import { firstSentence, readableName } from '../lib/toolName'
import type { Tool } from './types'

export interface ToolText {
  title: string
  purpose: string
}

/** The description of a tool is written for the model; people read these. */
export function useToolTexts(): (tool: Pick<Tool, 'name' | 'source' | 'description'>) => ToolText {
  const { t } = useLingui()
  const ours: Partial<Record<string, ToolText>> = {
    calculator: { title: t`Calculator`, purpose: t`Calculates exactly instead of guessing.` },
    optimize: { title: t`Optimiser`, purpose: t`Finds the best plan under limits: mixes, assignments, schedules.` },
    table_statistics: { title: t`Table statistics`, purpose: t`Describes a pasted table: sums, means, spread, groups, correlations.` },
    date_time: { title: t`Dates and times`, purpose: t`Knows the present time, zones, and how far apart days are.` },
  }
  return ({ name, source, description }) => (source === 'built-in' ? ours[name] : undefined) ?? { title: readableName(name), purpose: firstSentence(description) }
}
