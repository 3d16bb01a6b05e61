/** A part of the advanced fields, with a quiet head. */
import type { ReactNode } from 'react'

import type { OptionsDraft } from '../../model/connectionOptions'
import type { OptionField } from '../../model/optionProblems'

export interface OptionsPartProps {
  draft: OptionsDraft
  onChange: (draft: OptionsDraft) => void
  errors: Partial<Record<OptionField, string>>
}

export function OptionsGroup({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-4">
      <legend className="pb-3 text-badge font-medium text-ink-3">{title}</legend>
      {children}
    </fieldset>
  )
}
