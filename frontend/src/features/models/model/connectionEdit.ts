/** What a person edits of a stored connection, and the change that comes of it. */
import type { Connection, ConnectionPatch } from '@/shared/api'

import { isUnchanged, optionsDraftOf, type OptionsDraft, toOptions } from './connectionOptions'

export interface ConnectionEdit {
  name: string
  address: string
  /** Empty: the stored key stays. */
  key: string
  visibleTo: Connection['visible_to']
  options: OptionsDraft
}

export const editOf = ({ name, base_url: address, visible_to: visibleTo, options }: Connection): ConnectionEdit => ({
  name,
  address: address ?? '',
  key: '',
  visibleTo,
  options: optionsDraftOf(options),
})

const isMoved = (connection: Connection, edit: ConnectionEdit) => edit.address.trim() !== (connection.base_url ?? '')

/** A key goes to the address that it was entered for and to no other. */
export function needsKey(connection: Connection, edit: ConnectionEdit): boolean {
  return connection.key_hint !== null && isMoved(connection, edit)
}

/** Only what differs is sent. */
export function changeOf(connection: Connection, edit: ConnectionEdit): ConnectionPatch {
  const isNarrowed = JSON.stringify(edit.visibleTo) !== JSON.stringify(connection.visible_to)
  return {
    ...(edit.name.trim() !== connection.name && { name: edit.name.trim() }),
    ...(isMoved(connection, edit) && { base_url: edit.address.trim() || null }),
    ...(edit.key.trim() !== '' && { key: edit.key.trim() }),
    ...(!isUnchanged(edit.options, optionsDraftOf(connection.options)) && { options: toOptions(edit.options) }),
    ...(isNarrowed && edit.visibleTo !== null && { visible_to: edit.visibleTo }),
  }
}
