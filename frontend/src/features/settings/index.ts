export { ApiKeySettings } from './components/ApiKeySettings'
export { LoginSettings } from './components/LoginSettings'
export { PeopleSettings } from './components/PeopleSettings'
export { ProfileSettings } from './components/ProfileSettings'
