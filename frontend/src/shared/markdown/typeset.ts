/** Sets formulas with KaTeX. It builds elements, not HTML strings, and follows no link of a formula. */
import 'katex/dist/katex.min.css'
import katex from 'katex'

export function typeset(tex: string, element: HTMLElement, isDisplay: boolean): boolean {
  try {
    katex.render(tex, element, { displayMode: isDisplay, throwOnError: true, strict: false, trust: false, maxSize: 40, maxExpand: 200 })
    return true
  } catch {
    // KaTeX throws on what it does not know; it also has faults of its own on odd input.
    return false
  }
}
