/** The page before the app: a line that comes down to the sign, and one short form beside it. */
import type { ReactNode } from 'react'

import { CodaSign } from '@/shared/ui'

interface AuthFrameProps {
  title: ReactNode
  lead?: ReactNode
  children: ReactNode
  foot?: ReactNode
}

export function AuthFrame({ title, lead, children, foot }: AuthFrameProps) {
  return (
    <div className="flex min-h-dvh justify-center bg-canvas px-4">
      <main className="flex w-full max-w-[424px] gap-5 max-sm:gap-3">
        <div aria-hidden className="flex w-10 flex-none flex-col items-center max-sm:w-8">
          <span className="h-[max(56px,22dvh)] w-0.5 bg-line" />
          <CodaSign size={40} className="my-2 text-accent max-sm:size-8" />
        </div>
        <div className="min-w-0 flex-1 pt-[max(56px,22dvh)] pb-14">
          <h1 className="mt-3 text-title">{title}</h1>
          {lead && <p className="mt-2 text-ui text-ink-2">{lead}</p>}
          <div className="mt-6">{children}</div>
          {foot && <div className="mt-8 border-t border-line pt-4 text-row text-ink-2">{foot}</div>}
        </div>
      </main>
    </div>
  )
}
