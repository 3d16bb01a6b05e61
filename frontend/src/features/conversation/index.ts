export { ConversationPage } from './components/ConversationPage'
