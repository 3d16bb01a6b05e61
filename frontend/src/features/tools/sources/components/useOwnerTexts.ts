import { useLingui } from '@lingui/react/macro'

import { type ToolSource, useMay, useMe } from '@/shared/api'

/** Whose a source is, in a word. */
export function useOwnerTexts(): Record<ToolSource['for'], string> {
  const { t } = useLingui()
  return { me: t`Only me`, organization: t`Organization`, instance: t`Everybody here` }
}

/** For whom the caller may add sources; in a personal organization its only member is the organization. */
export function useOwnersToAddFor(): ToolSource['for'][] {
  const { organization } = useMe()
  const may: Record<ToolSource['for'], boolean> = {
    me: useMay('account:write'),
    organization: useMay('organization:write') && organization.kind === 'shared',
    instance: useMay('instance:operate'),
  }
  return (['me', 'organization', 'instance'] as const).filter((owner) => may[owner])
}
