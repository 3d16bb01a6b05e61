/** While the first answer of the server is on its way: the sign, breathing, and only after a moment. */
import { useLingui } from '@lingui/react/macro'

import { CodaSign } from '@/shared/ui'

export function PendingPage() {
  const { t } = useLingui()
  return (
    <div role="status" className="flex h-dvh items-center justify-center text-ink-3">
      <span className="skeleton">
        <CodaSign size={40} label={t`Loading`} />
      </span>
    </div>
  )
}
