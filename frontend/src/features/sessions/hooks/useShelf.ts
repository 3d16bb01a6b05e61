import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { sessionQuery, type Shelf } from '../api/sessions'

/** Which chats are listed: those among which the open one is, until another list is chosen. */
export function useShelf(openId: string | undefined): [Shelf, (shelf: Shelf) => void] {
  const [shelf, setShelf] = useState<Shelf>('own')
  const { data: open } = useQuery({ ...sessionQuery(openId ?? ''), enabled: openId !== undefined })
  const home = open === undefined ? null : open.origin === 'app' || open.pinned ? 'own' : 'programs'
  useEffect(() => {
    if (openId !== undefined && home !== null) setShelf(home)
    // A pin that is set while one looks at the list moves the chat, not the list.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [openId, home === null])
  return [shelf, setShelf]
}
