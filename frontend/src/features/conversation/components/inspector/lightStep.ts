/** A bar under the pointer lights its row in the conversation. */
export function lightStep(toolCallId: string | null, isLit: boolean): void {
  if (toolCallId === null) return
  for (const row of document.querySelectorAll(`[data-step="tool:${CSS.escape(toolCallId)}"] > .answer-row`)) {
    row.toggleAttribute('data-lit', isLit)
  }
}
