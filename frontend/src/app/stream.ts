/** The one live connection of this tab. */
import { access, api, ApiError, unwrap } from '@/shared/api'
import { RunStream } from '@/shared/stream'

function socketUrl(ticket: string): string {
  const url = new URL('/api/v1/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.searchParams.set('ticket', ticket)
  return url.href
}

async function askTicket(): Promise<string | null> {
  if (access.getState() === 'out') return null
  try {
    const { ticket } = await unwrap(api.POST('/api/v1/ws-tickets'))
    return ticket
  } catch (error) {
    if (error instanceof ApiError && error.isSignedOut) return null
    throw error
  }
}

export const runStream = new RunStream({ url: socketUrl, ticket: askTicket })
