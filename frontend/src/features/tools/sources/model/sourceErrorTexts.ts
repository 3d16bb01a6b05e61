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
  'tools.source_resting': msg`The server has failed several times and is left alone for a moment. Try again soon.`,
}
