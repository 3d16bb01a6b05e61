/** What a person is about to decide on the calls of an answer; all decisions go out together. */
import { useState } from 'react'

import type { ToolCallPart, ToolDecision } from '@/shared/api'

import { useToolDecisions } from '../../../hooks/useRunControls'
import type { Remember } from './remember'

type Values = Record<string, unknown>

export function useDecisions(runId: string, calls: readonly ToolCallPart[]) {
  const { mutate, isPending } = useToolDecisions(runId)
  const [edits, setEdits] = useState<Readonly<Record<string, Values | null>>>({})
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set())
  const [sent, setSent] = useState<ToolDecision['decision'] | null>(null)
  const wanted = calls.filter(({ id }) => !declined.has(id))
  const isChanged = ({ id, arguments: before }: ToolCallPart) => edits[id] != null && JSON.stringify(edits[id]) !== JSON.stringify(before)

  const send = (decision: ToolDecision['decision'], decisions: readonly ToolDecision[]) => {
    setSent(decision)
    mutate(decisions, { onError: () => setSent(null) })
  }
  const reject = (reason: string) => (id: string): ToolDecision => ({ tool_call_id: id, decision: 'reject', ...(reason === '' ? {} : { reason }) })
  return {
    wanted,
    isSending: isPending,
    sent,
    isChanged: wanted.some(isChanged),
    isValid: wanted.length > 0 && wanted.every(({ id }) => edits[id] !== null),
    edit: (id: string, values: Values | null) => setEdits((known) => ({ ...known, [id]: values })),
    want: (id: string, isWanted: boolean) => setDeclined((known) => new Set(isWanted ? [...known].filter((other) => other !== id) : [...known, id])),
    approve(reason: string, remember: Remember | null): void {
      const approved = (call: ToolCallPart): ToolDecision => ({
        tool_call_id: call.id,
        decision: 'approve',
        ...(isChanged(call) ? { arguments: edits[call.id] } : {}),
        ...(remember === null ? {} : { remember }),
      })
      send('approve', calls.map((call) => (wanted.includes(call) ? approved(call) : reject(reason)(call.id))))
    },
    decline: (reason: string) => send('reject', calls.map(({ id }) => reject(reason)(id))),
  }
}
