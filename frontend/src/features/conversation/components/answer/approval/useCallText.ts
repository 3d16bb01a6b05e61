/** What the tool of a call is called and what it is for; of one that is not listed any more, what its name says. */
import { type Tool, type ToolCallPart, type ToolText, useToolTexts } from '@/shared/api'

export function useCallText(): (call: ToolCallPart, tool: Tool | undefined) => ToolText {
  const texts = useToolTexts()
  return ({ name }, tool) => texts(tool ?? { name, source: '', description: '' })
}
