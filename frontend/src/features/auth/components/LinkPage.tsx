/** What a one-time link opens: the first account, an invitation, or a new password. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { ApiError, type AuthLink } from '@/shared/api'
import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Button, Skeleton } from '@/shared/ui'

import { linkQuery } from '../api/auth'
import { AuthFrame } from './AuthFrame'
import { InviteForm } from './InviteForm'
import { ResetForm } from './ResetForm'
import { SetUpForm } from './SetUpForm'

interface LinkPageProps {
  token: string
  onSignedIn: () => void
  onGoToSignIn: () => void
}

export function LinkPage({ token, onSignedIn, onGoToSignIn }: LinkPageProps) {
  const link = useQuery({ ...linkQuery(token), enabled: token !== '' })
  if (link.data) return <OpenLink link={link.data} token={token} onSignedIn={onSignedIn} />
  if (link.error || token === '') return <ClosedLink error={link.error} onGoToSignIn={onGoToSignIn} onRetry={() => void link.refetch()} />
  return (
    <AuthFrame title={<Skeleton className="h-8 w-48" />}>
      <Skeleton className="h-40 w-full" />
    </AuthFrame>
  )
}

function OpenLink({ link, token, onSignedIn }: { link: AuthLink; token: string; onSignedIn: () => void }) {
  const { t } = useLingui()
  const { purpose, email, organization } = link
  if (purpose === 'setup') {
    return (
      <AuthFrame title={t`Create the first account`} lead={t`It will be the administrator of this installation.`}>
        <SetUpForm token={token} email={email} onSignedIn={onSignedIn} />
      </AuthFrame>
    )
  }
  if (purpose === 'invite') {
    const lead = organization ? t`You are invited to ${organization}.` : t`You are invited.`
    return (
      <AuthFrame title={t`Join Coda`} lead={lead}>
        <InviteForm token={token} email={email} onSignedIn={onSignedIn} />
      </AuthFrame>
    )
  }
  return (
    <AuthFrame title={t`Choose a new password`} lead={email}>
      <ResetForm token={token} email={email} onSignedIn={onSignedIn} />
    </AuthFrame>
  )
}

interface ClosedLinkProps {
  error: unknown
  onGoToSignIn: () => void
  onRetry: () => void
}

function ClosedLink({ error, onGoToSignIn, onRetry }: ClosedLinkProps) {
  const { t } = useLingui()
  const isOver = !(error instanceof ApiError) || error.status === 404 || error.status === 410
  return (
    <AuthFrame
      title={isOver ? t`This link is no longer open` : t`The link could not be checked`}
      lead={isOver ? t`It has been used already, has expired, or part of the address is missing. Ask for a new one.` : undefined}
    >
      <div className="flex flex-col items-start gap-4">
        {!isOver && <ProblemLine error={error} />}
        {isOver ? (
          <Button onClick={onGoToSignIn}>
            <Trans>Go to sign-in</Trans>
          </Button>
        ) : (
          <TimedButton until={retryTimeOf(error)} onClick={onRetry}>
            <Trans>Try again</Trans>
          </TimedButton>
        )}
      </div>
    </AuthFrame>
  )
}
