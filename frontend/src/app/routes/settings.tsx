/** The pages of the settings, in a chunk of their own. */
import { ModelSettings } from '@/features/models'
import { useIsAdmin } from '@/shared/api'

export { ApiKeySettings, LoginSettings, OperationsSettings, PeopleSettings, ProfileSettings } from '@/features/settings'
export { SettingsLayout } from '../layouts/SettingsLayout'

export function ModelSettingsRoute() {
  return <ModelSettings canManage={useIsAdmin()} />
}
