/** Settings > People: who is here, what they may do, and who is invited. */
import { Trans, useLingui } from '@lingui/react/macro'

import { type Person, useMe, useOrganizationName } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { PagedList, SettingsSection } from '@/shared/settings'
import { Badge, Button, cx } from '@/shared/ui'

import { peopleQuery, useChangePerson } from '../api/people'
import { InviteForm } from './InviteForm'
import { InviteList } from './InviteList'
import { RoleSelect } from './RoleSelect'

export function PeopleSettings() {
  const { organization } = useMe()
  return (
    <>
      <SettingsSection
        title={<Trans>Add a person</Trans>}
        lead={<Trans>Coda creates a link that works once. You send it yourself; Coda sends no e-mail.</Trans>}
      >
        <InviteForm />
      </SettingsSection>
      <InviteList />
      <SettingsSection title={<Trans>People</Trans>} lead={useOrganizationName()(organization)}>
        <PagedList query={peopleQuery} keyOf={({ user_id: id }) => id}>
          {(person) => <PersonRow person={person} />}
        </PagedList>
      </SettingsSection>
    </>
  )
}

function PersonRow({ person }: { person: Person }) {
  const { t, i18n } = useLingui()
  const change = useChangePerson()
  const isMe = useMe().user.id === person.user_id
  const isSuspended = person.status === 'suspended'
  const { name, email } = person
  const joined = formatDate(person.joined_at, i18n.locale)
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <div className="min-w-0 flex-1 basis-52">
        <p className={cx('flex flex-wrap items-center gap-2 text-ui font-medium', isSuspended && 'text-ink-2')}>
          <bdi>{name || email}</bdi>
          {isMe && <Badge>{t`you`}</Badge>}
          {isSuspended && <Badge tone="warn">{t`suspended`}</Badge>}
        </p>
        <p className="text-row break-words text-ink-3">{`${email} · ${t`since ${joined}`}`}</p>
        {change.error && <ProblemLine error={change.error} />}
      </div>
      <PersonControls person={person} change={change} isMe={isMe} />
    </li>
  )
}

interface PersonControlsProps {
  person: Person
  change: ReturnType<typeof useChangePerson>
  isMe: boolean
}

function PersonControls({ person, change, isMe }: PersonControlsProps) {
  const { t } = useLingui()
  const { user_id: id, name, role } = person
  const isSuspended = person.status === 'suspended'
  const wanted = change.isPending ? change.variables : undefined
  return (
    <div className="flex items-center gap-2">
      <div className="w-36 max-md:w-44">
        <RoleSelect
          aria-label={t`Role of ${name}`}
          value={wanted?.role ?? role}
          disabled={isMe}
          title={isMe ? t`Another administrator can change your role.` : undefined}
          onChange={(next) => change.mutate({ id, role: next })}
        />
      </div>
      <Button
        variant="quiet"
        size="sm"
        disabled={isMe}
        title={isMe ? t`You cannot suspend yourself.` : undefined}
        busy={wanted?.status !== undefined}
        onClick={() => change.mutate({ id, status: isSuspended ? 'active' : 'suspended' })}
        className="w-24"
      >
        {isSuspended ? <Trans>Reinstate</Trans> : <Trans>Suspend</Trans>}
      </Button>
    </div>
  )
}
