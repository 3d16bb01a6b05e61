/** The tools of one chat, each with its switch. */
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'

import type { Tool } from '@/shared/api'

import { keyOf } from '../model/policies'
import { ToolRow } from './ToolRow'

interface ChatToolListProps {
  tools: readonly Tool[]
  onSwitch: (tool: Tool, isOn: boolean) => void
}

export function ChatToolList({ tools, onSwitch }: ChatToolListProps) {
  return (
    <div className="flex max-h-[min(460px,var(--radix-popover-content-available-height,60dvh))] min-h-0 flex-col">
      <div className="flex flex-none items-baseline justify-between gap-3 px-4 pt-3 pb-2">
        <h2 className="text-ui font-medium">
          <Trans>Tools in this chat</Trans>
        </h2>
        <Link to="/settings/tools" className="link inline-flex min-h-6 flex-none items-center text-row max-md:min-h-11">
          <Trans>In all chats</Trans>
        </Link>
      </div>
      <ul className="min-h-0 overflow-y-auto px-4 pb-3">
        {tools.map((tool) => (
          <ToolRow key={keyOf(tool)} tool={tool} level="session" onSwitch={(isOn) => onSwitch(tool, isOn)} className="py-2" />
        ))}
      </ul>
    </div>
  )
}
