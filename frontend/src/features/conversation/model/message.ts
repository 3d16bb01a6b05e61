/** A message of the conversation: as the API gives it, but with the parts only that the screen knows. */
import type { FilePart, ImagePart, MessageRead, NoticePart, ReasoningPart, SteerPart, TextPart, ToolCallPart } from '@/shared/api'

import { isUnfinished } from './status'

/** A file that a question shows. */
export type AttachedPart = ImagePart | FilePart

export type Part = TextPart | ReasoningPart | ToolCallPart | NoticePart | SteerPart | AttachedPart

export interface Message extends Omit<MessageRead, 'content'> {
  content: Part[]
}

const KNOWN_TYPES: ReadonlySet<string> = new Set<Part['type']>(['text', 'reasoning', 'tool_call', 'notice', 'steer', 'image', 'file'])

function isKnown(part: MessageRead['content'][number]): part is Part {
  return KNOWN_TYPES.has(part.type)
}

/** A newer server may send parts of types that came after this page: they are passed over. */
export function readMessage(stored: MessageRead): Message {
  return { ...stored, content: stored.content.filter(isKnown) }
}

export function isLive(message: Message): boolean {
  return message.role === 'assistant' && isUnfinished(message.status)
}

/** Stands for an answer that the server has not yet acked. */
export function isPending({ id }: Pick<Message, 'id'>): boolean {
  return id.startsWith('pending-')
}

/** The files that a message shows, in their order. */
export function attachedParts({ content }: Pick<Message, 'content'>): AttachedPart[] {
  return content.filter((part): part is AttachedPart => part.type === 'image' || part.type === 'file')
}

/** The words of a message, without reasoning and tools. */
export function plainText({ content }: Pick<Message, 'content'>): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n')
}
