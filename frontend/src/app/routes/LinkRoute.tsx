import { useNavigate, useSearch } from '@tanstack/react-router'

import { LinkPage } from '@/features/auth'

export function LinkRoute() {
  const { token = '' } = useSearch({ strict: false })
  const navigate = useNavigate()
  return (
    <LinkPage
      token={token}
      onSignedIn={() => void navigate({ to: '/', replace: true })}
      onGoToSignIn={() => void navigate({ to: '/sign-in', search: {} })}
    />
  )
}
