import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

/** What the jobs of this version do, in words. */
export const JOB_NAMES: Partial<Record<string, MessageDescriptor>> = {
  title: msg`Name a chat`,
  'clean-up': msg`Remove what is out of date`,
  files: msg`Remove files that nobody has`,
  'stray-files': msg`Remove what is stored and belongs to no file`,
  'prompt-texts': msg`Remove texts of prompts that no run uses`,
  reaper: msg`Put right what was left behind`,
  'stop-runs': msg`Stop the answers of a deleted chat`,
  'expired-approval': msg`End what nobody has decided on`,
  'tool-source-refresh': msg`List the tools of a server`,
  'tool-source-trial': msg`Try a command that gives tools`,
  'tool-sources': msg`Look which servers' tools are to be listed again`,
  'tool-sources-gone': msg`Remove what is left of sources of tools`,
}
