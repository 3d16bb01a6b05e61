/** Copies a selection so that it reads well elsewhere: a formula once, as its TeX, and no labels of buttons. */

let users = 0

/** For as long as something is shown that needs it; gives back how to end it. */
export function copyAsWritten(): () => void {
  users += 1
  if (users === 1) document.addEventListener('copy', onCopy)
  return () => {
    users -= 1
    if (users === 0) document.removeEventListener('copy', onCopy)
  }
}

function onCopy(event: ClipboardEvent): void {
  const selection = document.getSelection()
  if (event.clipboardData === null || selection === null || selection.isCollapsed || selection.rangeCount === 0) return
  const range = wholeFormulas(selection.getRangeAt(0))
  const content = range.cloneContents()
  const formulas = content.querySelectorAll<HTMLElement>('.formula')
  if (formulas.length === 0) return
  for (const formula of formulas) formula.replaceWith(formula.dataset['tex'] ?? '')
  for (const label of content.querySelectorAll('figcaption, button, .sr-only')) label.remove()
  const { text, html } = render(content)
  event.clipboardData.setData('text/plain', text)
  event.clipboardData.setData('text/html', html)
  event.preventDefault()
}

/** Half of a formula is none. */
function wholeFormulas(range: Range): Range {
  const whole = range.cloneRange()
  const first = formulaAround(range.startContainer)
  const last = formulaAround(range.endContainer)
  if (first !== null) whole.setStartBefore(first)
  if (last !== null) whole.setEndAfter(last)
  return whole
}

function formulaAround(node: Node): Element | null {
  return (node instanceof Element ? node : node.parentElement)?.closest('.formula') ?? null
}

/** Plain text with its paragraphs needs a layout: `innerText` of what is not rendered has none. */
function render(content: DocumentFragment): { text: string; html: string } {
  const box = document.createElement('div')
  box.className = 'prose copy-box'
  box.append(content)
  document.body.append(box)
  const result = { text: box.innerText, html: box.innerHTML }
  box.remove()
  return result
}
