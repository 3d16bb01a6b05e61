export { ToolSettings as SettingsPage } from './ToolSettings'
