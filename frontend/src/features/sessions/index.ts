export type { PaletteCommand } from './components/paletteProps'
export { SessionPalette } from './components/SessionPalette'
export { SessionSidebar } from './components/SessionSidebar'
export { useMarkSeen } from './hooks/useMarkSeen'
