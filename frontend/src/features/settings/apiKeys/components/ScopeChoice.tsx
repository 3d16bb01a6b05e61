/** What a key may be used for: each scope with a sentence. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useId } from 'react'

import { type KeyScope, useMay } from '@/shared/api'
import { ErrorLine } from '@/shared/ui'

/** The scopes that this person's rights can fill. */
export function useOfferedScopes(): KeyScope[] {
  const mayChat = useMay('runs:write')
  const manages = useMay('organization:write')
  const operates = useMay('instance:operate')
  const isFilled: Record<KeyScope, boolean> = { chat: mayChat, read: true, admin: manages || operates }
  return SCOPES.filter((scope) => isFilled[scope])
}

/** The order in which scopes are named. */
export const SCOPES: readonly KeyScope[] = ['chat', 'read', 'admin']

export function useScopeNames(): Record<KeyScope, string> {
  const { t } = useLingui()
  return {
    chat: t({ message: 'Chat', context: 'scope of a key' }),
    read: t({ message: 'Read', context: 'scope of a key' }),
    admin: t({ message: 'Administer', context: 'scope of a key' }),
  }
}

interface ScopeChoiceProps {
  offered: readonly KeyScope[]
  value: readonly KeyScope[]
  onChange: (value: KeyScope[]) => void
  isMissing: boolean
}

export function ScopeChoice({ offered, value, onChange, isMissing }: ScopeChoiceProps) {
  const { t } = useLingui()
  const id = useId()
  const names = useScopeNames()
  const sentences: Record<KeyScope, string> = {
    chat: t`Ask for answers and keep chats, on Coda's own API and the OpenAI-compatible one. Reads too.`,
    read: t`Read chats, answers and settings. Changes nothing.`,
    admin: t`Change settings and connections, as far as you may. Reads no chats.`,
  }
  const toggle = (scope: KeyScope, isOn: boolean) => onChange(offered.filter((other) => (other === scope ? isOn : value.includes(other))))
  return (
    <fieldset aria-describedby={isMissing ? `${id}-error` : undefined}>
      <legend className="pb-1.5 text-row font-medium">
        <Trans>What may it do?</Trans>
      </legend>
      <div className="flex flex-col gap-2 max-md:gap-0">
        {offered.map((scope) => (
          <div key={scope} className="flex items-start gap-2.5 max-md:min-h-11 max-md:py-1.5">
            <input
              id={`${id}-${scope}`}
              type="checkbox"
              checked={value.includes(scope)}
              onChange={(event) => toggle(scope, event.target.checked)}
              aria-describedby={`${id}-${scope}-note`}
              aria-invalid={isMissing || undefined}
              className="mt-0.5 size-4 flex-none cursor-pointer accent-ink"
            />
            <div className="min-w-0">
              <label htmlFor={`${id}-${scope}`} className="block text-ui font-medium">
                {names[scope]}
              </label>
              <p id={`${id}-${scope}-note`} className="text-row text-ink-2">
                {sentences[scope]}
              </p>
            </div>
          </div>
        ))}
      </div>
      {isMissing && (
        <div id={`${id}-error`} className="pt-1.5">
          <ErrorLine>{t`Choose at least one.`}</ErrorLine>
        </div>
      )}
    </fieldset>
  )
}
