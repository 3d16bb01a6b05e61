export { ConnectDialog } from './components/ConnectDialog'
export { ModelPicker } from './components/ModelPicker'
