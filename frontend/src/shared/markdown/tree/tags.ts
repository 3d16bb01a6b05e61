/** Makes elements of the few HTML tags that are allowed; every other tag is shown as it is written. */
import type { ElementContent, Parents, Root, RootContent } from 'hast'

import { BLOCK_TAGS, readTag, type Tag } from '../source/tags'

/** Deeper nesting than this is text. */
const DEEPEST = 12

interface Raw {
  type: 'raw'
  value: string
}

type Child = ElementContent | RootContent | Raw

interface Frame {
  tag: Tag
  raw: string
  children: Child[]
}

/** `isOpen`: more may come, so what is not closed yet is taken as closed at the end. */
export function placeTags(root: Root, isOpen: boolean): void {
  place(root, isOpen)
}

function place(parent: Parents, isOpen: boolean): void {
  const children = liftBlockTags(parent.children as Child[])
  parent.children = (children.some((child) => child.type === 'raw') ? new Nesting(isOpen).run(children) : children) as typeof parent.children
  for (const child of parent.children) if (child.type === 'element') place(child, isOpen)
}

/** A tag around blocks stands in a paragraph of its own, which is none. */
function liftBlockTags(children: Child[]): Child[] {
  const hasTag = (child: Child) => child.type === 'raw' && BLOCK_TAGS.has(readTag(child.value)?.name ?? '')
  return children.flatMap((child) => (child.type === 'element' && child.tagName === 'p' && child.children.some(hasTag) ? (child.children as Child[]) : [child]))
}

class Nesting {
  private readonly isOpen: boolean
  private readonly result: Child[] = []
  private readonly frames: Frame[] = []

  constructor(isOpen: boolean) {
    this.isOpen = isOpen
  }

  run(children: readonly Child[]): Child[] {
    for (const child of children) this.add(child)
    while (this.frames.length > 0) {
      const isWhole = this.isOpen || this.frames.at(-1)?.tag.name === 'details'
      if (isWhole) this.wrapLast()
      else this.unwrapLast()
    }
    return this.result
  }

  private get children(): Child[] {
    return this.frames.at(-1)?.children ?? this.result
  }

  private add(child: Child): void {
    if (child.type !== 'raw') {
      this.children.push(child)
      return
    }
    const tag = readTag(child.value)
    if (tag?.kind === 'void') this.children.push({ type: 'element', tagName: tag.name, properties: {}, children: [] })
    else if (tag?.kind === 'open' && this.frames.length < DEEPEST) this.frames.push({ tag, raw: child.value, children: [] })
    else if (tag?.kind === 'close' && this.frames.some((frame) => frame.tag.name === tag.name)) this.close(tag.name)
    else this.children.push({ type: 'text', value: child.value })
  }

  private close(name: string): void {
    while (this.frames.at(-1)?.tag.name !== name) this.unwrapLast()
    this.wrapLast()
  }

  private wrapLast(): void {
    const frame = this.frames.pop()
    if (frame === undefined) return
    const { name, isOpened } = frame.tag
    this.children.push({ type: 'element', tagName: name, properties: isOpened ? { open: true } : {}, children: frame.children as ElementContent[] })
  }

  /** It was never closed: the tag is text. */
  private unwrapLast(): void {
    const frame = this.frames.pop()
    if (frame === undefined) return
    const { children } = this
    children.push({ type: 'text', value: frame.raw })
    for (const child of frame.children) children.push(child)
  }
}
