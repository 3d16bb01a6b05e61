/** Gives the focus back to where it was. What is not there any more leaves it to the page: on the body it is lost. */
export function refocus(before: Element | null): void {
  const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
  const target = isThere ? before : document.getElementById('main')
  target?.focus({ preventScroll: true })
}
