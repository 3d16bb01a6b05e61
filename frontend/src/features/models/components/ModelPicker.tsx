/** Names the model that will answer; its list is loaded when it is first opened. */
import { useLingui } from '@lingui/react/macro'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'

import { isDemoModel, useModels } from '@/shared/api'
import type { ModelPickerProps } from '@/shared/config'
import { defer, useDeferred } from '@/shared/lib/deferred'
import { cx, Popover, Skeleton } from '@/shared/ui'

import { shortName } from '../model/groupModels'
import { ConnectDialog } from './ConnectDialog'

const list = defer(() => import('./ModelList'))

/** The chosen model, or the one that answers where none was chosen. */
function useChosen(value: string | null) {
  const { data } = useModels()
  const current = value ?? data?.default_model ?? null
  const model = data?.items.find(({ id }) => id === current)
  const name = model?.name ?? (current === null ? undefined : shortName(current))
  return { current, name, isDown: model?.health.status === 'down' }
}

interface Props extends ModelPickerProps {
  /** Only an administrator may connect a provider. */
  canConnect: boolean
}

export function ModelPicker({ value, onChange, disabled, canConnect }: Props) {
  const { t } = useLingui()
  const [isOpen, setOpen] = useState(false)
  const [isConnecting, setConnecting] = useState(false)
  const parts = useDeferred(list, isOpen)
  const { current, name = t`Choose a model`, isDown } = useChosen(value)

  return (
    <>
      <Popover
        open={isOpen}
        onOpenChange={setOpen}
        label={t`Models`}
        align="start"
        className="flex w-[380px] flex-col overflow-hidden"
        trigger={
          <button
            type="button"
            disabled={disabled}
            onPointerEnter={list.prefetch}
            aria-label={t`Model: ${name}`}
            className="press flex h-[34px] min-w-0 items-center gap-1 rounded-control px-2 text-row text-ink-2 hover:bg-hover hover:text-ink disabled:opacity-45 data-[state=open]:bg-hover max-md:h-11"
          >
            <span className={cx('max-w-[200px] truncate max-sm:max-w-[120px]', isDown && 'text-danger')}>{name}</span>
            <ChevronDown aria-hidden className="size-3.5!" />
          </button>
        }
      >
        {parts ? (
          <parts.ModelList
            current={current}
            showConnect={canConnect && isDemoModel(current)}
            onConnect={() => {
              setOpen(false)
              setConnecting(true)
            }}
            onChoose={(id) => {
              setOpen(false)
              onChange(id)
            }}
          />
        ) : (
          <Skeleton className="m-3 h-40" />
        )}
      </Popover>
      <ConnectDialog open={isConnecting} onOpenChange={setConnecting} onConnected={onChange} />
    </>
  )
}
