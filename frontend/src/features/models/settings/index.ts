export { ModelSettings as SettingsPage } from './ModelSettings'
