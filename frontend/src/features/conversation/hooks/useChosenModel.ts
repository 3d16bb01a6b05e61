import { useCallback, useSyncExternalStore } from 'react'

import { useRuntime } from './useRuntime'

/** The model chosen in a chat, of the one that has not begun where there is no id; null where nobody has chosen. */
export function useChosenModel(chat: string | null): [string | null, (model: string) => void] {
  const { models } = useRuntime()
  const chosen = useSyncExternalStore(models.subscribe, () => models.of(chat))
  return [chosen, useCallback((model: string) => models.choose(chat, model), [models, chat])]
}
