import { useLingui } from '@lingui/react/macro'

import type { Decider, DeciderAbove } from '../model/policies'

/** Who has switched a tool off, or has every call asked about, above the level that is looked at. */
export function useDeciderTexts(): { off: Record<Decider, string>; asks: Record<DeciderAbove, string> } {
  const { t } = useLingui()
  return {
    off: {
      instance: t`Switched off by those who run this server`,
      organization: t`Switched off by an administrator`,
      me: t`Switched off by you for all your chats`,
    },
    asks: {
      instance: t`Those who run this server want each call approved`,
      organization: t`An administrator wants each call approved`,
    },
  }
}
