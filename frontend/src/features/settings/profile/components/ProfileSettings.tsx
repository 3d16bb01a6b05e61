/** Settings > Profile: name, language, colours. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { useMe } from '@/shared/api'
import { chooseTheme, readTheme, type Theme, THEMES } from '@/shared/config'
import { chooseLocale, isLocale, type Locale, LOCALES } from '@/shared/i18n'
import { ProblemText, retryTimeOf, TimedButton } from '@/shared/problems'
import { ChoiceGroup, SettingsSection } from '@/shared/settings'
import { Field, Input, Select, toasts } from '@/shared/ui'

import { useChangeMe } from '../api/profile'

export function ProfileSettings() {
  return (
    <>
      <SettingsSection title={<Trans>Profile</Trans>}>
        <NameForm />
      </SettingsSection>
      <SettingsSection title={<Trans>Language and theme</Trans>}>
        <div className="flex max-w-sm flex-col gap-4">
          <LocaleChoice />
          <ThemeChoice />
        </div>
      </SettingsSection>
    </>
  )
}

function NameForm() {
  const { t } = useLingui()
  const { user } = useMe()
  const [name, setName] = useState(user.name)
  const change = useChangeMe()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({ name: name.trim() }, { onSuccess: () => toasts.show({ text: t`Name saved.` }) })
  }
  return (
    <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
      <Field label={t`E-mail`}>{(control) => <Input {...control} value={user.email} readOnly className="bg-transparent! text-ink-2" />}</Field>
      <Field label={t`Name`} error={change.error && <ProblemText error={change.error} />}>
        {(control) => (
          <Input {...control} autoComplete="name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <div>
        <TimedButton type="submit" until={retryTimeOf(change.error)} busy={change.isPending} disabled={name.trim() === '' || name.trim() === user.name}>
          <Trans>Save name</Trans>
        </TimedButton>
      </div>
    </form>
  )
}

function LocaleChoice() {
  const { t, i18n } = useLingui()
  const change = useChangeMe()
  const choose = (locale: Locale) => {
    void chooseLocale(locale)
    change.mutate({ locale })
  }
  return (
    <Field label={t`Language`}>
      {(control) => (
        <Select
          {...control}
          value={isLocale(i18n.locale) ? i18n.locale : 'en'}
          onChange={(event) => isLocale(event.target.value) && choose(event.target.value)}
        >
          {Object.entries(LOCALES).map(([locale, name]) => (
            <option key={locale} value={locale} lang={locale}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

function ThemeChoice() {
  const { t } = useLingui()
  const [theme, setTheme] = useState(readTheme)
  const names: Record<Theme, string> = { system: t`System`, light: t`Light`, dark: t`Dark` }
  const choose = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  return (
    <ChoiceGroup
      label={<Trans>Theme</Trans>}
      name="theme"
      value={theme}
      options={THEMES.map((value) => ({ value, label: names[value] }))}
      onChange={choose}
    />
  )
}
