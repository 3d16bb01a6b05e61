/** Adds a server: by its address, or as a command that Coda starts. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useRef, useState } from 'react'

import type { ToolSource } from '@/shared/api'
import { ChoiceGroup } from '@/shared/settings'
import { Button, cx, Dialog, DialogBody, ErrorLine, toasts } from '@/shared/ui'

import { useCreateSource, useTestSource } from '../api/toolSources'
import { EMPTY_DRAFT, nameOf, toSource } from '../model/sourceDraft'
import { AddCommand } from './AddCommand'
import { SourceFields } from './SourceFields'
import { TestedSource } from './TestedSource'
import { useOwnerTexts } from './useOwnerTexts'
import { useSourceFieldErrors } from './useSourceErrorText'

type Way = 'address' | 'command'

interface AddSourceProps {
  owners: ToolSource['for'][]
  onClose: () => void
}

export function AddSource({ owners, onClose }: AddSourceProps) {
  const { t } = useLingui()
  const [way, setWay] = useState<Way>('address')
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t`Add a server`} description={t`The agent gets its tools. A sign-in is kept encrypted and never shown again.`}>
      <DialogBody>
        <div className="flex flex-col gap-4">
          {owners.includes('instance') && (
            <ChoiceGroup
              label={<Trans>Reached by</Trans>}
              name="way"
              value={way}
              options={[
                { value: 'address', label: t`Address (HTTP)` },
                { value: 'command', label: t`Command` },
              ]}
              onChange={setWay}
              className="grid-cols-2!"
            />
          )}
          {way === 'address' ? <AddAddress owners={owners} onClose={onClose} /> : <AddCommand onClose={onClose} />}
        </div>
      </DialogBody>
    </Dialog>
  )
}

function AddAddress({ owners, onClose }: AddSourceProps) {
  const { t } = useLingui()
  const form = useRef<HTMLFormElement>(null)
  const ownerTexts = useOwnerTexts()
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [owner, setOwner] = useState<ToolSource['for']>(owners[0] ?? 'me')
  const test = useTestSource()
  const create = useCreateSource()
  const { fields, rest } = useSourceFieldErrors(create.error ?? test.error)
  const name = nameOf(draft)

  const forget = () => {
    test.reset()
    create.reset()
  }
  const tryIt = () => {
    if (form.current?.reportValidity()) test.mutate(toSource(draft, owner))
  }
  const add = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(toSource(draft, owner), {
      onSuccess: ({ health }) => {
        onClose()
        toasts.show({ text: health.status === 'up' ? t`${name} is added. Its tools can be used now.` : t`${name} is added, but does not answer yet.` })
      },
    })
  }
  return (
    <form ref={form} onSubmit={add} className="flex flex-col gap-4">
      <SourceFields
        nameHint={t`Its tools are called after it, also when it is renamed later.`}
        draft={draft}
        errors={fields}
        onChange={(changed) => {
          forget()
          setDraft(changed)
        }}
      >
        {owners.length > 1 && (
          <ChoiceGroup
            label={<Trans>For whom</Trans>}
            name="owner"
            value={owner}
            options={owners.map((value) => ({ value, label: ownerTexts[value] }))}
            onChange={setOwner}
            className={cx(owners.length === 2 && 'grid-cols-2!')}
          />
        )}
      </SourceFields>
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
