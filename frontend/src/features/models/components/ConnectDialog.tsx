/** Connecting a provider without leaving the chat; loaded when it is first asked for. */
import { useLingui } from '@lingui/react/macro'

import type { Connection } from '@/shared/api'
import { defer, useDeferred } from '@/shared/lib/deferred'
import { Dialog, DialogBody, Skeleton, toasts } from '@/shared/ui'

const form = defer(() => import('./ConnectForm'))

interface ConnectDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Whose the connection will be; this organization's unless told. */
  owner?: Connection['for']
  /** The first model that the connection brought. */
  onConnected?: (modelId: string) => void
}

export function ConnectDialog({ open, onOpenChange, owner = 'organization', onConnected }: ConnectDialogProps) {
  const { t } = useLingui()
  const parts = useDeferred(form, open)
  if (!open) return null
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={t`Connect a model`}
      description={
        owner === 'instance'
          ? t`Everybody on this server can use it, unless you narrow that afterwards. The key is kept encrypted and never shown again.`
          : t`Everyone in this organization can use it. The key is kept encrypted and never shown again.`
      }
    >
      <DialogBody>
        {parts ? (
          <parts.ConnectForm
            owner={owner}
            onConnected={([first]) => {
              const name = first?.name
              onOpenChange(false)
              toasts.show({ text: name ? t`Connected. You can ask ${name} now.` : t`Connected. Its models appear in a moment.` })
              if (first) onConnected?.(first.id)
            }}
          />
        ) : (
          <Skeleton className="h-56" />
        )}
      </DialogBody>
    </Dialog>
  )
}
