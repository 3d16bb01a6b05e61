export { LoginSettings as SettingsPage } from './components/LoginSettings'
