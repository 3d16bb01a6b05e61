import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { type Tool, toolsQuery } from '@/shared/api'
import { useStore } from '@/shared/lib/useStore'

import { useChangeTool } from '../api/tools'
import { chooseFirst, firstChoices, withFirstChoices } from '../model/firstChoices'

/** The tools of a chat, begun or not, and their switches. */
export function useChatTools(sessionId: string | undefined) {
  const { data, error } = useQuery(toolsQuery(sessionId))
  const off = useStore(firstChoices)
  const change = useChangeTool(sessionId)
  const tools = useMemo(() => (sessionId === undefined ? withFirstChoices(data?.items ?? [], off) : (data?.items ?? [])), [sessionId, data, off])
  const onSwitch = (tool: Tool, isOn: boolean) => {
    if (sessionId === undefined) chooseFirst(tool, isOn)
    else change.mutate({ tool, level: 'session', change: { enabled: isOn ? null : false } })
  }
  return { tools, error, onSwitch }
}
