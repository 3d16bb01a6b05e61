/** A name for a server from its address: "Tickets" of `https://mcp.tickets.example.org/mcp`. */

/** Labels that say what a server does, not whose it is. */
const GENERIC = new Set(['mcp', 'api', 'www', 'server', 'tools'])

export function suggestedName(address: string): string {
  const host = hostOf(address)
  if (host === null) return ''
  if (/^[\d.]+$/.test(host) || host.startsWith('[')) return host
  const labels = host.split('.')
  const own = labels.slice(0, Math.max(1, labels.length - 1)).find((label) => !GENERIC.has(label)) ?? labels[0] ?? ''
  const words = own.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function hostOf(address: string): string | null {
  try {
    return new URL(address.trim()).hostname || null
  } catch {
    return null
  }
}
