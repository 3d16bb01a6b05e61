/** Our own sentence for the refusals and failures that people meet; the server's for the rest. */
import { useLingui } from '@lingui/react/macro'

export function useErrorWords(): (code: string, message: string) => string {
  const { t } = useLingui()
  const words: Partial<Record<string, string>> = {
    'runs.parent_not_finished': t`The answer above is still being written. Wait until it is done, or stop it, then send again.`,
    'runs.id_taken': t`This was already sent with other words. Send it once more.`,
    'stream.bad_frame': t`The server could not read the question. It may be too long.`,
    'stream.stopped': t`You were signed out before the question was sent. Sign in and try again.`,
    'stream.offline': t`The connection was lost. Try again.`,
    network: t`The server cannot be reached. Check the connection and try again.`,
    'conversations.session_not_found': t`This conversation does not exist any more.`,
  }
  return (code, message) => words[code] ?? (message === '' ? t`Something went wrong (${code}). Try again.` : message)
}
