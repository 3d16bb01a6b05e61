/** Stands in for `react-style-singleton`: the same contract, through a constructed sheet that a strict policy allows. */
import { useEffect } from 'react'

export function stylesheetSingleton() {
  let users = 0
  let sheet: CSSStyleSheet | null = null
  return {
    add(css: string) {
      users += 1
      if (sheet) return
      sheet = new CSSStyleSheet()
      sheet.replaceSync(css)
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    },
    remove() {
      users -= 1
      if (users > 0 || !sheet) return
      const gone = sheet
      sheet = null
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((kept) => kept !== gone)
    },
  }
}

export function styleHookSingleton() {
  const sheet = stylesheetSingleton()
  return function useStyles(css: string, isDynamic?: boolean) {
    useEffect(() => {
      if (!css || typeof CSSStyleSheet.prototype.replaceSync !== 'function') return
      sheet.add(css)
      return () => sheet.remove()
    }, [css, isDynamic])
  }
}

export function styleSingleton() {
  const useStyles = styleHookSingleton()
  return function Sheet({ styles, dynamic }: { styles: string; dynamic?: boolean }) {
    useStyles(styles, dynamic)
    return null
  }
}
