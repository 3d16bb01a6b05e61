/** Who may use a connection of the instance: everybody, or some organizations. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'

import { useMe } from '@/shared/api'
import { ChoiceGroup } from '@/shared/settings'
import { cx, ErrorLine } from '@/shared/ui'

interface VisibilityChoiceProps {
  value: 'all' | string[]
  isEmpty: boolean
  onChange: (value: 'all' | string[]) => void
}

export function VisibilityChoice({ value, isEmpty, onChange }: VisibilityChoiceProps) {
  const { t } = useLingui()
  const { organization, organizations } = useMe()
  const chosen = value === 'all' ? [] : value
  // Organizations that the operator is not in are named by their number; they stay as they are.
  const others = chosen.filter((id) => organizations.every((mine) => mine.id !== id)).length
  const toggle = (id: string, isOn: boolean) => onChange(isOn ? [...chosen, id] : chosen.filter((other) => other !== id))
  return (
    <div className="flex flex-col gap-2">
      <ChoiceGroup
        label={<Trans>Who may use it</Trans>}
        name="visible-to"
        value={value === 'all' ? 'all' : 'some'}
        options={[
          { value: 'all', label: t`Everybody here` },
          { value: 'some', label: t`Some organizations` },
        ]}
        onChange={(next) => onChange(next === 'all' ? 'all' : [organization.id])}
        className={cx('grid-cols-2!')}
      />
      {value !== 'all' && (
        <fieldset className="flex flex-col">
          <legend className="sr-only">
            <Trans>Organizations</Trans>
          </legend>
          {organizations.map(({ id, name, kind }) => (
            <label key={id} className="flex min-h-8 cursor-pointer items-center gap-2.5 text-ui max-md:min-h-11">
              <input type="checkbox" checked={chosen.includes(id)} onChange={(event) => toggle(id, event.target.checked)} className="size-4 flex-none accent-ink" />
              {kind === 'personal' ? t`Personal` : name}
            </label>
          ))}
          {others > 0 && (
            <p className="pt-1 text-row text-ink-2">
              <Plural value={others} one="And # organization that you are not in." other="And # organizations that you are not in." />
            </p>
          )}
          {isEmpty && <ErrorLine>{t`Choose at least one.`}</ErrorLine>}
        </fieldset>
      )}
    </div>
  )
}
