export { PeopleSettings as SettingsPage } from './components/PeopleSettings'
