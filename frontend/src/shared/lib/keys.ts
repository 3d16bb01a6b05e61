/** What a key press means while an input method may be composing: then Enter, Escape and arrows are the input method's. */
interface Press {
  key: string
  keyCode?: number
  isComposing?: boolean
  /** Of React: the event of the browser, which alone knows of composing. */
  nativeEvent?: { isComposing?: boolean; keyCode?: number }
}

/** Safari ends a composition before it tells of the Enter that did so, which then has this code. */
const TAKEN_BY_INPUT_METHOD = 229
const ENTER = 'Enter'
const ESCAPE = 'Escape'

export function isComposing(press: Press): boolean {
  const { isComposing: isOpen = false, keyCode } = press.nativeEvent ?? press
  return isOpen || keyCode === TAKEN_BY_INPUT_METHOD
}

/** The person's own Enter: not the one that takes a suggestion of an input method. */
export function isEnter(press: Press): boolean {
  return press.key === ENTER && !isComposing(press)
}

/** The person's own Escape: not the one that closes the list of an input method. */
export function isEscape(press: Press): boolean {
  return press.key === ESCAPE && !isComposing(press)
}

/** Enter that takes a suggestion of an input method: no form may take it for its own. */
export function takesSuggestion(press: Press): boolean {
  return press.key === ENTER && isComposing(press)
}
