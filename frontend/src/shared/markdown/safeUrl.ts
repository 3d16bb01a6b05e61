/** Which addresses in a text may become links or pictures: whole web and mail addresses, nothing of this site. */

const ALLOWED = new Set(['http:', 'https:', 'mailto:'])

export function safeUrl(url: string): string {
  try {
    return ALLOWED.has(new URL(url).protocol) ? url : ''
  } catch {
    return ''
  }
}
