export type { ConversationSlots, ModelPickerProps } from './slots'
export { chooseTheme, readTheme, type Theme, THEMES } from './theme'
