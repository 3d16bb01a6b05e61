export { OperationsSettings as SettingsPage } from './components/OperationsSettings'
