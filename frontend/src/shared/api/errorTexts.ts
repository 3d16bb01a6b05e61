/** What the refusals that a person meets are called in their language. A code that is not here shows the server's own sentence. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export const ERROR_TEXTS: Record<string, MessageDescriptor> = {
  network: msg`The server cannot be reached. Check the connection and try again.`,
  'identity.invalid_credentials': msg`E-mail or password is wrong. Check both and try again.`,
  'identity.wrong_password': msg`This is not your current password.`,
  'identity.account_suspended': msg`This account is suspended. Ask an administrator of your organization.`,
  'identity.login_over': msg`You are signed out. Sign in again.`,
  'identity.email_taken': msg`There is already an account with this e-mail address.`,
  'identity.invalid_email': msg`This is not an e-mail address.`,
  'identity.link_not_found': msg`This link is not valid. Check that it was copied whole.`,
  'identity.link_spent': msg`This link has been used already or has expired. Ask for a new one.`,
  'organizations.already_set_up': msg`Coda is set up already. Sign in, or ask an administrator for an invitation.`,
  'organizations.read_only': msg`You may only read in this organization.`,
  'organizations.admins_only': msg`Only administrators of this organization may do this.`,
  'organizations.operators_only': msg`Only those who run this server may see this.`,
  'organizations.last_admin': msg`The organization needs an administrator. Make somebody else one first.`,
  'organizations.own_account': msg`You cannot suspend yourself.`,
  'organizations.personal': msg`This is your personal organization. Invite people to a shared one.`,
  'llm.key_refused': msg`The provider refused the key. Check it and try again.`,
  'llm.provider_unreachable': msg`The provider cannot be reached. Check the address.`,
  'llm.connection_exists': msg`There is already a connection with this name.`,
  'llm.model_not_found': msg`This model is not available here. Choose another one.`,
}
