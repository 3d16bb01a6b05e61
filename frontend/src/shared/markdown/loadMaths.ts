/** Loads the typesetter of formulas once. */

/** Writes the formula into the element; false where it cannot be read. */
export type Typeset = (tex: string, element: HTMLElement, isDisplay: boolean) => boolean

let loaded: Typeset | null = null

export const isPreloaded = (): Typeset | null => loaded

export async function loadMaths(): Promise<Typeset> {
  const { typeset } = await import('./typeset')
  loaded = typeset
  return typeset
}
