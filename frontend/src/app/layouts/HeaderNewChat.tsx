/** The way to a new chat while the list of chats, and its button with it, is out of sight. */
import { useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { SquarePen } from 'lucide-react'

import { useMay } from '@/shared/api'
import { IconButton, modifierName } from '@/shared/ui'

import { useSessionRegion } from './regions'

export function HeaderNewChat() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const { isOpen } = useSessionRegion()
  const mayAsk = useMay('runs:write')
  if (isOpen || !mayAsk) return null
  return <IconButton size="md" label={t`New chat`} hint={`${modifierName()} \u21e7 O`} icon={<SquarePen />} onClick={() => void navigate({ to: '/' })} />
}
