/** How the elements of a text look: safe links, wide tables, code, pictures on request. */
import type { ComponentProps } from 'react'
import { Children, isValidElement, type ReactNode } from 'react'
import type { Components } from 'react-markdown'

import { CodeBlock } from './CodeBlock'
import { RemoteImage } from './RemoteImage'
import { ScrollBox } from './ScrollBox'

function Link({ href, children }: ComponentProps<'a'>) {
  if (href === undefined || href === '') return <span>{children}</span>
  if (href.startsWith('#')) return <a href={href}>{children}</a>
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
    </a>
  )
}

function Table({ children }: ComponentProps<'table'>) {
  return (
    <ScrollBox>
      <table>{children}</table>
    </ScrollBox>
  )
}

/** A task list's box is a mark, not a control. */
function Tick({ checked }: ComponentProps<'input'>) {
  return <input type="checkbox" checked={checked} readOnly tabIndex={-1} />
}

const pre = (isOpen: boolean) =>
  function Pre({ children }: ComponentProps<'pre'>) {
    const { code, language } = codeOf(children)
    return <CodeBlock code={code} language={language} isOpen={isOpen} />
  }

function codeOf(children: ReactNode): { code: string; language: string } {
  const child = Children.toArray(children)[0]
  if (!isValidElement<{ className?: string; children?: ReactNode }>(child)) return { code: '', language: '' }
  const language = /language-(\S+)/.exec(child.props.className ?? '')?.[1] ?? ''
  return { code: textOf(child.props.children).replace(/\n$/, ''), language }
}

function textOf(node: ReactNode): string {
  return Children.toArray(node)
    .filter((child) => typeof child === 'string' || typeof child === 'number')
    .join('')
}

const common: Components = {
  a: Link,
  table: Table,
  input: Tick,
  img: ({ src, alt }) => <RemoteImage src={typeof src === 'string' ? src : ''} alt={alt ?? ''} />,
}

export const elements: Components = { ...common, pre: pre(false) }
/** For the block that still grows. */
export const liveElements: Components = { ...common, pre: pre(true) }
