/** Settings > Profile: name, language, colours, password. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { useErrorText, useMe } from '@/shared/api'
import { chooseTheme, readTheme, type Theme, THEMES } from '@/shared/config'
import { chooseLocale, isLocale, type Locale, LOCALES } from '@/shared/i18n'
import { Button, cx, Field, Input, Select, SettingsSection, toasts } from '@/shared/ui'

import { useChangeMe } from '../api/me'
import { PasswordForm } from './PasswordForm'

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
      <SettingsSection title={<Trans>Password</Trans>}>
        <PasswordForm />
      </SettingsSection>
    </>
  )
}

function NameForm() {
  const { t } = useLingui()
  const { user } = useMe()
  const [name, setName] = useState(user.name)
  const change = useChangeMe()
  const errorText = useErrorText()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({ name: name.trim() }, { onSuccess: () => toasts.show({ text: t`Name saved.` }) })
  }
  return (
    <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
      <Field label={t`E-mail`}>{(control) => <Input {...control} value={user.email} readOnly className="bg-transparent! text-ink-2" />}</Field>
      <Field label={t`Name`} error={change.error && errorText(change.error)}>
        {(control) => (
          <Input {...control} autoComplete="name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <div>
        <Button type="submit" busy={change.isPending} disabled={name.trim() === '' || name.trim() === user.name}>
          <Trans>Save name</Trans>
        </Button>
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
    <fieldset>
      <legend className="pb-1.5 text-row font-medium">
        <Trans>Theme</Trans>
      </legend>
      <div className="grid grid-cols-3 gap-1.5">
        {THEMES.map((option) => (
          <label
            key={option}
            className={cx(
              'press flex h-[34px] cursor-pointer items-center justify-center rounded-control border px-2 text-row has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent max-md:h-11',
              option === theme ? 'border-ink bg-block font-medium text-ink' : 'border-line text-ink-2 hover:bg-hover',
            )}
          >
            <input type="radio" name="theme" checked={option === theme} onChange={() => choose(option)} className="sr-only" />
            {names[option]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
