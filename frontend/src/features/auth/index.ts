export { LinkPage } from './components/LinkPage'
export { SignInPage } from './components/SignInPage'
