/** Tells the server in which time zone the person lives, so that "today" and "now" in an answer are theirs. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, meQuery, unwrap, useMe } from '@/shared/api'

export function useTimeZone(): void {
  const known = useMe().user.time_zone
  const cache = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: (time_zone: string) => unwrap(api.PATCH('/api/v1/me', { body: { time_zone } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
  useEffect(() => {
    const here = new Intl.DateTimeFormat().resolvedOptions().timeZone
    if (here !== known) mutate(here)
  }, [known, mutate])
}
