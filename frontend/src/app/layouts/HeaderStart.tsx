/** The left end of every header: the way to the session list while it is away, and word of a lost connection. */
import { useLingui } from '@lingui/react/macro'
import { PanelLeftOpen } from 'lucide-react'

import { IconButton, modifierName } from '@/shared/ui'

import { ConnectionLine } from './ConnectionLine'
import { useSessionRegion } from './regions'

export function HeaderStart() {
  const { t } = useLingui()
  const { isOpen, setOpen } = useSessionRegion()
  return (
    <>
      {!isOpen && <IconButton className="print:hidden" label={t`Show chats`} hint={`${modifierName()} B`} icon={<PanelLeftOpen />} onClick={() => setOpen(true)} />}
      <ConnectionLine />
    </>
  )
}
