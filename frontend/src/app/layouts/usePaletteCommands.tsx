/** What Ctrl-K offers besides chats. */
import { useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { KeyRound, Monitor, Moon, Plug, Plus, Settings, Sun } from 'lucide-react'
import { useMemo } from 'react'

import type { PaletteCommand } from '@/features/sessions'
import { chooseTheme } from '@/shared/config'

export function usePaletteCommands(): PaletteCommand[] {
  const { t } = useLingui()
  const navigate = useNavigate()
  return useMemo(
    () => [
      { id: 'new', label: t`New chat`, icon: <Plus />, onRun: () => void navigate({ to: '/' }) },
      { id: 'settings', label: t`Settings`, icon: <Settings />, onRun: () => void navigate({ to: '/settings/profile' }) },
      { id: 'models', label: t`Models`, icon: <Plug />, onRun: () => void navigate({ to: '/settings/models' }) },
      { id: 'keys', label: t`API keys`, icon: <KeyRound />, onRun: () => void navigate({ to: '/settings/keys' }) },
      { id: 'light', label: t`Light theme`, icon: <Sun />, onRun: () => chooseTheme('light') },
      { id: 'dark', label: t`Dark theme`, icon: <Moon />, onRun: () => chooseTheme('dark') },
      { id: 'system', label: t`System theme`, icon: <Monitor />, onRun: () => chooseTheme('system') },
    ],
    [t, navigate],
  )
}
