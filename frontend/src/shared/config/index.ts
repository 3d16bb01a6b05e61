export type { ModelPickerProps } from './slots'
export { chooseTheme, readTheme, type Theme, THEMES } from './theme'
