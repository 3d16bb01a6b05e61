export { applyFirstChoices, takeBackFirstChoices } from './api/tools'
export { ToolPicker } from './components/ToolPicker'
