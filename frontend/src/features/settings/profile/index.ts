export { ProfileSettings as SettingsPage } from './components/ProfileSettings'
