import { useCallback, useState } from 'react'

import { readStored, writeStored } from '@/shared/lib/storage'

/** Small state of this browser: how wide a region is, whether it is folded. */
export function useStored<Value extends string | number | boolean>(key: string, initial: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => readStored(key, initial))
  const store = useCallback(
    (next: Value) => {
      setValue(next)
      writeStored(key, next)
    },
    [key],
  )
  return [value, store]
}
