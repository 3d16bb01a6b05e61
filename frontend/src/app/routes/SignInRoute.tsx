import { useNavigate, useSearch } from '@tanstack/react-router'

import { SignInPage } from '@/features/auth'

export function SignInRoute() {
  const { next } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  return <SignInPage onSignedIn={() => void navigate({ to: next ?? '/', replace: true })} />
}
