/** Why an answer was bad, in one press or a few words. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { Button, cx, Textarea } from '@/shared/ui'

export function Reasons({ onSend }: { onSend: (reason: string | null, text: string | null) => void }) {
  const { t } = useLingui()
  const [reason, setReason] = useState<string | null>(null)
  const [text, setText] = useState('')
  const reasons = [
    { value: 'wrong', label: t`Not correct` },
    { value: 'incomplete', label: t`Not complete` },
    { value: 'off_topic', label: t`Not what I asked` },
    { value: 'tool', label: t`Wrong use of a tool` },
    { value: 'slow', label: t`Too slow` },
  ]
  return (
    <form
      className="flex w-80 max-w-full flex-col gap-3 p-4 max-md:w-full"
      onSubmit={(event) => {
        event.preventDefault()
        onSend(reason, text.trim() === '' ? null : text.trim())
      }}
    >
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="mb-2 text-ui font-medium">
          <Trans>What was wrong?</Trans>
        </legend>
        {reasons.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            aria-pressed={reason === value}
            onClick={() => setReason(reason === value ? null : value)}
            className={cx(
              'press min-h-7 rounded-control border px-2.5 text-row max-md:min-h-11',
              reason === value ? 'border-ink bg-block font-medium text-ink' : 'border-line-strong text-ink-2 hover:bg-hover',
            )}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <Textarea
        aria-label={t`More about it`}
        placeholder={t`More about it (you may leave this empty)`}
        rows={3}
        value={text}
        onChange={(event) => setText(event.target.value)}
        maxLength={4000}
      />
      <Button type="submit" variant="primary" className="self-end">
        <Trans>Send</Trans>
      </Button>
    </form>
  )
}
