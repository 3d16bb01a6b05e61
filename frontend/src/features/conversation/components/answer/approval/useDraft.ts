/** The arguments of one call while a person looks at them: as the model wrote them, or changed. */
import { useMemo, useState } from 'react'

import type { ToolCallPart } from '@/shared/api'

import { fieldsOf, objectOf, type Texts, textsOf, valuesOf } from './formFields'

type Values = Record<string, unknown>

/** `onChange` is told the arguments after each change; null while what is written is none. */
export function useDraft(call: ToolCallPart, schema: unknown, onChange: (values: Values | null) => void) {
  const fields = useMemo(() => fieldsOf(schema, call.arguments), [schema, call.arguments])
  const [values, setValues] = useState<Values | null>(call.arguments)
  const [written, setWritten] = useState<{ texts: Texts } | { json: string } | null>(null)
  const shown = values ?? call.arguments
  const texts = written !== null && 'texts' in written ? written.texts : textsOf(fields ?? [], shown)
  const change = (next: Values | null) => {
    setValues(next)
    onChange(next)
  }
  return {
    values,
    /** What is to be seen while there are none: those that the model wrote. */
    shown,
    fields,
    texts,
    json: written !== null && 'json' in written ? written.json : JSON.stringify(shown, null, 2),
    write(name: string, text: string): void {
      const all = { ...texts, [name]: text }
      setWritten({ texts: all })
      change(valuesOf(fields ?? [], all))
    },
    writeJson(text: string): void {
      setWritten({ json: text })
      change(objectOf(text))
    },
  }
}

export type Draft = ReturnType<typeof useDraft>
