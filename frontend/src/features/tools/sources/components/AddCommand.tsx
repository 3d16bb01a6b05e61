/** The form of a command: tried by a worker, then added for everybody here. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useRef, useState } from 'react'

import { Button, ErrorLine, toasts } from '@/shared/ui'

import { useCreateSource, useTestSource } from '../api/toolSources'
import { commandNameOf, EMPTY_COMMAND, toCommand } from '../model/commandDraft'
import { CommandFields } from './CommandFields'
import { TestedSource } from './TestedSource'
import { useSourceFieldErrors } from './useSourceErrorText'

export function AddCommand({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const form = useRef<HTMLFormElement>(null)
  const [draft, setDraft] = useState(EMPTY_COMMAND)
  const test = useTestSource()
  const create = useCreateSource()
  const { fields, rest } = useSourceFieldErrors(create.error ?? test.error)
  const name = commandNameOf(draft)

  const tryIt = () => {
    if (form.current?.reportValidity()) test.mutate(toCommand(draft))
  }
  const add = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(toCommand(draft), {
      onSuccess: ({ health }) => {
        onClose()
        toasts.show({ text: health.status === 'up' ? t`${name} is added. Its tools can be used now.` : t`${name} is added, but does not answer yet.` })
      },
    })
  }
  return (
    <form ref={form} onSubmit={add} className="flex flex-col gap-4">
      <p className="text-row text-ink-2">
        <Trans>It runs beside the workers with Coda’s own rights, and everybody here gets its tools. Add only what you trust.</Trans>
      </p>
      <CommandFields
        nameHint={t`Its tools are called after it, also when it is renamed later.`}
        draft={draft}
        errors={fields}
        onChange={(changed) => {
          test.reset()
          create.reset()
          setDraft(changed)
        }}
      />
      {test.data && <TestedSource result={test.data} />}
      {rest && <ErrorLine>{rest}</ErrorLine>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={tryIt} busy={test.isPending}>
          <Trans>Test</Trans>
        </Button>
        <Button type="submit" variant="primary" busy={create.isPending}>
          <Trans>Add</Trans>
        </Button>
      </div>
    </form>
  )
}
