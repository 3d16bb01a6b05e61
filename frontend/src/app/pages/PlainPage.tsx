/** A page that says one thing, beside the sign. */
import type { ReactNode } from 'react'

import { CodaSign } from '@/shared/ui'

export function PlainPage({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <main id="main" className="flex min-h-full flex-1 justify-center bg-canvas px-4">
      <div className="flex w-full max-w-[424px] gap-5 max-sm:gap-3">
        <div aria-hidden className="flex w-10 flex-none flex-col items-center max-sm:w-8">
          <span className="h-[max(56px,24dvh)] w-0.5 bg-line" />
          <CodaSign size={40} className="my-2 text-ink-3 max-sm:size-8" />
        </div>
        <div className="min-w-0 flex-1 pt-[max(56px,24dvh)]">
          <h1 className="mt-3 mb-2 text-title">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  )
}
