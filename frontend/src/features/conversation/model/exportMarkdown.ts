/** A message as Markdown for the clipboard: its words and nothing that a reader elsewhere cannot use. */
import type { Part } from './message'

export function asMarkdown(parts: readonly Part[]): string {
  return parts
    .filter((part) => part.type === 'text')
    .map((part) => part.text.trim())
    .join('\n\n')
}
