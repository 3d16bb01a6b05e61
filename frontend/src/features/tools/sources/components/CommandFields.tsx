/** A command, its arguments, where it runs, its variables and its time limits. */
import { Trans, useLingui } from '@lingui/react/macro'

import { Field, Input, Textarea } from '@/shared/ui'

import { type CommandDraft, commandNameOf } from '../model/commandDraft'
import type { SourceFieldErrors } from './useSourceErrorText'

interface CommandFieldsProps {
  draft: CommandDraft
  errors: SourceFieldErrors
  nameHint?: string | undefined
  /** What to know about the secret variables. */
  secretHint?: string | undefined
  onChange: (draft: CommandDraft) => void
}

const CODE = 'font-mono text-code!'

export function CommandFields({ draft, errors, nameHint, secretHint, onChange }: CommandFieldsProps) {
  const { t } = useLingui()
  return (
    <>
      <Field label={t`Command`} hint={t`A name or a full path. No shell reads it.`} error={errors.command}>
        {(control) => (
          <Input {...control} required autoFocus spellCheck={false} autoCapitalize="none" placeholder="uvx" value={draft.command} onChange={(event) => onChange({ ...draft, command: event.target.value })} className={CODE} />
        )}
      </Field>
      <Lines label={t`Arguments`} hint={t`One a line.`} placeholder="mcp-server-time" value={draft.args} onChange={(args) => onChange({ ...draft, args })} />
      <Field label={t`Name`} hint={nameHint} error={errors.name}>
        {(control) => (
          <Input {...control} required maxLength={60} value={commandNameOf(draft)} onChange={(event) => onChange({ ...draft, name: event.target.value })} />
        )}
      </Field>
      <Field label={t`Working folder`} error={errors.folder}>
        {(control) => (
          <Input {...control} spellCheck={false} autoCapitalize="none" placeholder="/srv/notes" value={draft.cwd} onChange={(event) => onChange({ ...draft, cwd: event.target.value })} className={CODE} />
        )}
      </Field>
      <Lines label={t`Variables`} hint={t`NAME=value, one a line. Besides these it sees PATH, HOME, LANG and the like.`} value={draft.env} onChange={(env) => onChange({ ...draft, env })} />
      <Lines label={t`Secret variables`} hint={secretHint ?? t`They are kept encrypted and never shown again.`} value={draft.secrets} onChange={(secrets) => onChange({ ...draft, secrets })} />
      <TimeLimits draft={draft} onChange={onChange} />
    </>
  )
}

interface LinesProps {
  label: string
  hint: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
}

function Lines({ label, hint, placeholder, value, onChange }: LinesProps) {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <Textarea {...control} rows={2} spellCheck={false} autoCapitalize="none" autoComplete="off" placeholder={placeholder} value={value} onChange={(event) => onChange(event.target.value)} className={`${CODE} min-h-14!`} />
      )}
    </Field>
  )
}

function TimeLimits({ draft, onChange }: Pick<CommandFieldsProps, 'draft' | 'onChange'>) {
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label={<Trans>Seconds to start</Trans>}>
        {(control) => (
          <Input {...control} type="number" required min={1} max={120} value={draft.startSeconds} onChange={(event) => onChange({ ...draft, startSeconds: event.target.value })} />
        )}
      </Field>
      <Field label={<Trans>Seconds for a call</Trans>}>
        {(control) => (
          <Input {...control} type="number" required min={1} max={600} value={draft.callSeconds} onChange={(event) => onChange({ ...draft, callSeconds: event.target.value })} />
        )}
      </Field>
    </div>
  )
}
