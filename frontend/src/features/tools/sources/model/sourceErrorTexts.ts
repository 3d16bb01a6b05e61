/** What goes wrong with a source, in words; `{message}` is what the server itself said. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export const SOURCE_ERROR_TEXTS: Record<string, MessageDescriptor> = {
  'tools.source_not_found': msg`This source is gone. Look at the list again.`,
  'tools.source_invalid': msg({ message: 'This was not accepted: {message}' }),
  'tools.source_secret_needed': msg`The stored sign-in is not sent to another address. Enter it again.`,
  'tools.too_many_sources': msg`There are as many servers here as there may be. Remove one first.`,
  'tools.source_changed_again': msg`This tool has changed again since it was shown. Look at it once more.`,
  'tools.source_failed': msg`The server did not answer as it should. Try again.`,
  'tools.source_unreachable': msg({ message: 'The server cannot be used: {message} Check the address, and that it runs.' }),
  'tools.source_sign_in_refused': msg`The server does not accept this sign-in, or wants one. Enter it again.`,
  'tools.source_busy': msg`The server wants no more requests just now. Try again in a moment.`,
  'tools.source_version_unknown': msg`The server speaks a version of MCP that is not known here.`,
  'tools.source_timed_out': msg`The server took too long to answer. Try again.`,
  'tools.source_invalid_answer': msg`What answers there does not speak MCP. Check the address.`,
  'tools.source_answer_too_large': msg`The server sent more than is taken. Ask whoever runs it for less.`,
  'tools.source_refused': msg({ message: 'The server refused: {message}' }),
  'tools.command_unusable': msg({ message: 'The command cannot be started: {message}' }),
  'tools.command_secrets_needed': msg`The command has changed: enter its secret variables again.`,
  'tools.server_ended': msg({ message: 'The server’s process has ended: {message}' }),
  'tools.server_stuck': msg`The server does not read what it is sent. It is started anew.`,
  'tools.server_elsewhere': msg`This tool is there for answers only: its server runs beside the workers.`,
  'tools.source_named_by_setting': msg`The setting CODA_TOOLS__SERVERS names this command. Change it there.`,
  'tools.no_worker_answered': msg`No worker has answered in time. Look whether one runs, and try again.`,
  'tools.source_resting': msg`The server has failed several times and is left alone for a moment. Try again soon.`,
}
