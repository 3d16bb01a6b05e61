/** Keeps the lists as the server has them: another tab, a run that began or ended, a connection that came back. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import { readAgain, sessionKeys } from '@/shared/api'
import { useNotes, useOnResume } from '@/shared/stream'

/** Several notes arrive together when a run ends; one reading answers them all. */
const GATHER_MS = 150

export function useLiveSessions(): void {
  const cache = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const readSoon = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void readAgain(cache, sessionKeys.all), GATHER_MS)
  }
  useNotes(readSoon)
  useOnResume(readSoon)
}
