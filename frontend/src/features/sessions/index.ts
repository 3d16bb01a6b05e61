export { type PaletteCommand, SessionPalette } from './components/SessionPalette'
export { SessionSidebar } from './components/SessionSidebar'
