export { ConnectDialog } from './components/ConnectDialog'
export { ModelPicker } from './components/ModelPicker'
export { ModelSettings } from './components/ModelSettings'
