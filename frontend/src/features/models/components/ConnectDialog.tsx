/** Connecting a provider without leaving the chat; loaded when it is first asked for. */
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { type Connection, type Model, useMay } from '@/shared/api'
import { defer, useDeferred } from '@/shared/lib/deferred'
import { canChat } from '@/shared/lib/modelChoice'
import { Dialog, DialogBody, Skeleton, toasts } from '@/shared/ui'

import { useSetDefaultModel } from '../api/connections'
import type { Connected } from './ConnectForm'

const steps = defer(async () => ({ ...(await import('./ConnectForm')), ...(await import('./ChooseDefault')) }))

interface ConnectDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Whose the connection will be; this organization's unless told. */
  owner?: Connection['for']
  /** The model of it that was chosen for new chats. */
  onConnected?: (modelId: string) => void
}

export function ConnectDialog({ open, ...props }: ConnectDialogProps) {
  // Opened again it begins anew.
  return open ? <OpenDialog {...props} /> : null
}

function OpenDialog({ onOpenChange, owner = 'organization', onConnected }: Omit<ConnectDialogProps, 'open'>) {
  const { t } = useLingui()
  const parts = useDeferred(steps, true)
  const [connected, setConnected] = useState<Connected | null>(null)
  const maySetDefault = useMay('organization:write')
  const keepDefault = useSetDefaultModel()

  const finish = (chosen: Model | null) => {
    onOpenChange(false)
    const name = chosen?.name
    toasts.show({ text: name === undefined ? t`Connected. Its models can be chosen now.` : t`New chats are answered by ${name}.` })
    if (chosen) onConnected?.(chosen.id)
  }
  /** Else the first model of its list would answer everybody. */
  const leave = () => {
    if (connected?.presentDefault != null) keepDefault.mutate(connected.presentDefault)
    finish(null)
  }
  const next = (result: Connected) => {
    if (maySetDefault && result.added.some(canChat)) setConnected(result)
    else finish(null)
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (!isOpen && connected !== null ? leave() : onOpenChange(isOpen))}
      title={connected === null ? t`Connect a model` : t`Choose the default model`}
      description={useDescription(owner, connected !== null)}
    >
      <DialogBody>
        {parts === null && <Skeleton className="h-56" />}
        {parts !== null && connected === null && <parts.ConnectForm owner={owner} onConnected={next} />}
        {parts !== null && connected !== null && (
          <parts.ChooseDefault added={connected.added} present={connected.presentDefault} onDone={(chosen) => (chosen === null ? leave() : finish(chosen))} />
        )}
      </DialogBody>
    </Dialog>
  )
}

function useDescription(owner: Connection['for'], isConnected: boolean): string {
  const { t } = useLingui()
  if (isConnected) return t`It answers where nothing else is chosen, for everybody in this organization. Anybody can choose another one in a chat.`
  if (owner === 'instance') return t`Everybody on this server can use it, unless you narrow that afterwards. The key is kept encrypted and never shown again.`
  return t`Everyone in this organization can use it. The key is kept encrypted and never shown again.`
}
