/** The arguments of a call as fields of a form, by the tool's JSON Schema; what a field cannot show is edited as JSON. */
import { isRecord } from '@/shared/lib/records'

export type FieldKind = 'text' | 'long' | 'number' | 'integer' | 'boolean' | 'choice' | 'json'

export interface FormField {
  name: string
  label: string
  hint: string
  kind: FieldKind
  choices: readonly string[]
  isRequired: boolean
}

export type Texts = Readonly<Record<string, string>>

const LONG = 80

/** The fields of an object's schema, and of arguments that it does not name; null where it names none. */
export function fieldsOf(schema: unknown, values: Record<string, unknown>): readonly FormField[] | null {
  const named = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {}
  if (Object.keys(named).length === 0) return null
  const required = isRecord(schema) && Array.isArray(schema['required']) ? schema['required'] : []
  return [...new Set([...Object.keys(named), ...Object.keys(values)])].map((name) => {
    const own = isRecord(named[name]) ? named[name] : {}
    const kind = kindOf(own, values[name])
    return { name, label: textIn(own, 'title') || name, hint: textIn(own, 'description'), kind, choices: kind === 'choice' ? choicesIn(own) : [], isRequired: required.includes(name) }
  })
}

/** The type of JSON that a kind of field can show; any other value is edited as JSON. */
const TYPES: Partial<Record<string, 'string' | 'number' | 'boolean'>> = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean' }

function kindOf(schema: Record<string, unknown>, value: unknown): FieldKind {
  const type = choicesIn(schema).length > 0 ? 'string' : textIn(schema, 'type')
  const shown = TYPES[type]
  if (shown === undefined || (value !== undefined && typeof value !== shown)) return 'json'
  if (shown !== 'string') return type as 'number' | 'integer' | 'boolean'
  if (choicesIn(schema).length > 0) return 'choice'
  return isLong(value) ? 'long' : 'text'
}

const isLong = (value: unknown) => typeof value === 'string' && (value.length > LONG || value.includes('\n'))

const textIn = (schema: Record<string, unknown>, key: string) => (typeof schema[key] === 'string' ? schema[key] : '')

function choicesIn(schema: Record<string, unknown>): readonly string[] {
  const choices: unknown = schema['enum']
  return Array.isArray(choices) && choices.every((choice) => typeof choice === 'string') ? choices : []
}

/** What stands in the fields for these arguments. */
export function textsOf(fields: readonly FormField[], values: Record<string, unknown>): Texts {
  return Object.fromEntries(fields.map(({ name, kind }) => [name, textOf(values[name], kind)]))
}

function textOf(value: unknown, kind: FieldKind): string {
  if (value === undefined) return ''
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value)
}

const IN_WORDS: ReadonlySet<FieldKind> = new Set(['text', 'long', 'choice'])

/** The value of a field's text, `undefined` where it is left out. */
export function valueOf({ kind, isRequired }: FormField, text: string): { value: unknown } | 'wrong' {
  if (IN_WORDS.has(kind)) return { value: text === '' && !isRequired ? undefined : text }
  if (text.trim() === '') return isRequired ? 'wrong' : { value: undefined }
  if (kind === 'boolean') return { value: text === 'true' }
  return kind === 'json' ? jsonOf(text) : numberOf(text, kind)
}

function numberOf(text: string, kind: FieldKind): { value: number } | 'wrong' {
  const value = Number(text)
  return Number.isFinite(value) && (kind !== 'integer' || Number.isInteger(value)) ? { value } : 'wrong'
}

function jsonOf(text: string): { value: unknown } | 'wrong' {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return 'wrong'
  }
}

/** All values; null while a field has none that it could have. */
export function valuesOf(fields: readonly FormField[], texts: Texts): Record<string, unknown> | null {
  const values: Record<string, unknown> = {}
  for (const field of fields) {
    const read = valueOf(field, texts[field.name] ?? '')
    if (read === 'wrong') return null
    if (read.value !== undefined) values[field.name] = read.value
  }
  return values
}

/** A JSON object, or null where the text is none. */
export function objectOf(text: string): Record<string, unknown> | null {
  const read = jsonOf(text)
  return read !== 'wrong' && isRecord(read.value) ? read.value : null
}
