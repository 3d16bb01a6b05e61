/** What Ctrl-K offers besides chats. */
import { useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { Monitor, Moon, Plus, Settings, Sun } from 'lucide-react'
import { useMemo } from 'react'

import type { PaletteCommand } from '@/features/sessions'
import { may, useMe } from '@/shared/api'
import { chooseTheme } from '@/shared/config'

import { openPages } from '../settings/pages'

export function usePaletteCommands(): PaletteCommand[] {
  const { t, i18n } = useLingui()
  const me = useMe()
  const navigate = useNavigate()
  return useMemo(
    () => [
      ...(may(me, 'runs:write') ? [{ id: 'new', label: t`New chat`, icon: <Plus />, isToWrite: true as const, onRun: () => void navigate({ to: '/' }) }] : []),
      { id: 'settings', label: t`Settings`, icon: <Settings />, onRun: () => void navigate({ to: '/settings' }) },
      ...openPages(me).map(({ path, title, icon: Icon }) => ({
        id: path,
        label: i18n._(title),
        icon: <Icon />,
        onRun: () => void navigate({ to: `/settings/${path}` }),
      })),
      { id: 'light', label: t`Light theme`, icon: <Sun />, onRun: () => chooseTheme('light') },
      { id: 'dark', label: t`Dark theme`, icon: <Moon />, onRun: () => chooseTheme('dark') },
      { id: 'system', label: t`System theme`, icon: <Monitor />, onRun: () => chooseTheme('system') },
    ],
    [t, i18n, me, navigate],
  )
}
