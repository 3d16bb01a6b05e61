/** How many tools this chat has; its switches are loaded when they are first asked for. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Wrench } from 'lucide-react'
import { useState } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'
import { Popover, Skeleton } from '@/shared/ui'

import { useChatTools } from './useChatTools'

const list = defer(() => import('./ChatToolList'))

export function ToolPicker({ sessionId }: { sessionId: string | undefined }) {
  const { t } = useLingui()
  const [isOpen, setOpen] = useState(false)
  const parts = useDeferred(list, isOpen)
  const { tools, onSwitch } = useChatTools(sessionId)
  const all = tools.length
  const on = tools.filter(({ enabled }) => enabled).length
  if (all === 0) return null
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      label={t`Tools in this chat`}
      align="start"
      className="flex w-[380px] flex-col overflow-hidden"
      trigger={
        <button
          type="button"
          onPointerEnter={list.prefetch}
          className="press flex h-7 items-center gap-1.5 rounded-control px-2 text-row whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink data-[state=open]:bg-hover max-md:h-11"
        >
          <Wrench aria-hidden />
          {/* In a narrow composer the model's name needs the room. */}
          <span className="@max-md:sr-only">
            {on === all ? (
              <Plural value={all} one="# tool" other="# tools" />
            ) : (
              <Trans>
                {on} of {all} tools
              </Trans>
            )}
          </span>
          <span aria-hidden className="@md:hidden">
            {on === all ? all : `${String(on)}/${String(all)}`}
          </span>
        </button>
      }
    >
      {parts ? <parts.ChatToolList tools={tools} onSwitch={onSwitch} /> : <Skeleton className="m-3 h-40" />}
    </Popover>
  )
}
