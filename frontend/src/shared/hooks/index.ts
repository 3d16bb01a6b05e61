export { useDebounced } from './useDebounced'
export { useIsPhone, useIsWide, useMedia } from './useMedia'
export { useStored } from './useStored'
export { useWindowEvent } from './useWindowEvent'
