/** What went into a prompt, and what had to stay out, in tokens of the model's window. */

export interface ContextPart {
  kind: string
  tokens: number
  items: number
}

export interface ContextReport {
  window: number
  reserved_output: number
  parts: ContextPart[]
  left_out: { messages: number; tokens: number }
}

export function usedTokens(report: ContextReport): number {
  return report.parts.reduce((sum, part) => sum + part.tokens, 0)
}

/** How full the window is, the room kept for the answer counted in. */
export function contextShare(report: ContextReport): number {
  return report.window > 0 ? Math.min(1, (usedTokens(report) + report.reserved_output) / report.window) : 0
}
