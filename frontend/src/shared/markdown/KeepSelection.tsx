/** Keeps what a person has selected while the text below their pointer grows. React writes text nodes anew, and the browser then drops the selection. */
import { Component, type ReactNode, type RefObject } from 'react'

interface Place {
  /** Which child of the box, and how many characters into it. */
  block: number
  offset: number
}

interface Selected {
  anchor: Place
  focus: Place
  text: string
}

interface KeepSelectionProps {
  box: RefObject<HTMLElement | null>
  children: ReactNode
}

export class KeepSelection extends Component<KeepSelectionProps> {
  override getSnapshotBeforeUpdate(): Selected | null {
    const selection = document.getSelection()
    const box = this.props.box.current
    if (box === null || selection === null || selection.isCollapsed) return null
    const anchor = placeOf(box, selection.anchorNode, selection.anchorOffset)
    const focus = placeOf(box, selection.focusNode, selection.focusOffset)
    return anchor === null || focus === null ? null : { anchor, focus, text: selection.toString() }
  }

  override componentDidUpdate(_props: KeepSelectionProps, _state: unknown, selected: Selected | null): void {
    const selection = document.getSelection()
    const box = this.props.box.current
    if (selected === null || box === null || selection === null || selection.toString() === selected.text) return
    const anchor = pointOf(box, selected.anchor)
    const focus = pointOf(box, selected.focus)
    if (anchor !== null && focus !== null) selection.setBaseAndExtent(anchor.node, anchor.offset, focus.node, focus.offset)
  }

  override render(): ReactNode {
    return this.props.children
  }
}

function placeOf(box: HTMLElement, node: Node | null, offset: number): Place | null {
  if (node === null || node === box || !box.contains(node)) return null
  let child = node
  while (child.parentNode !== box && child.parentNode !== null) child = child.parentNode
  const before = document.createRange()
  before.setStart(child, 0)
  before.setEnd(node, offset)
  return { block: Array.prototype.indexOf.call(box.childNodes, child), offset: before.toString().length }
}

function pointOf(box: HTMLElement, { block, offset }: Place): { node: Node; offset: number } | null {
  const child = box.childNodes[block]
  if (child === undefined) return null
  const texts = document.createTreeWalker(child, NodeFilter.SHOW_TEXT)
  let left = offset
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const { length } = node as Text
    if (left <= length) return { node, offset: left }
    left -= length
  }
  return null
}
