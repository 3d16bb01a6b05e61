export { ApiKeySettings as SettingsPage } from './components/ApiKeySettings'
