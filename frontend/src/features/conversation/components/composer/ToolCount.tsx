/** How many tools the agent has at hand, and which. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Wrench } from 'lucide-react'

import { Popover } from '@/shared/ui'

import { toolsQuery } from '../../api/tools'

export function ToolCount() {
  const { t } = useLingui()
  const { data } = useQuery(toolsQuery)
  if (data === undefined || data.items.length === 0) return null
  return (
    <Popover
      label={t`Tools`}
      align="start"
      trigger={
        <button type="button" className="press flex h-7 items-center gap-1.5 rounded-control px-2 text-row text-ink-2 hover:bg-hover hover:text-ink max-md:h-11">
          <Wrench aria-hidden />
          <Plural value={data.items.length} one="# tool" other="# tools" />
        </button>
      }
    >
      <div className="max-h-[50vh] w-96 max-w-full overflow-y-auto p-4">
        <h2 className="mb-3 text-ui font-medium">
          <Trans>What the agent can use</Trans>
        </h2>
        <dl className="space-y-3">
          {data.items.map((tool) => (
            <div key={tool.name}>
              <dt className="font-mono text-row text-ink">{tool.name}</dt>
              <dd className="line-clamp-3 text-row text-ink-2">{tool.description}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Popover>
  )
}
