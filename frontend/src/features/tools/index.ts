export { applyFirstChoices } from './api/tools'
export { ToolPicker } from './components/ToolPicker'
