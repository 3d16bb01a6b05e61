/** How the elements of a text look: safe links, wide tables, code, formulas, footnotes, pictures on request. */
import type { Components } from 'hast-util-to-jsx-runtime'
import type { ComponentProps, ReactNode } from 'react'
import { Children, createContext, isValidElement, use } from 'react'

import { CodeBlock } from './CodeBlock'
import { Formula } from './Formula'
import { NoteMark } from './Notes'
import { RemoteImage } from './RemoteImage'
import { safeUrl } from './safeUrl'
import { TableBox } from './TableBox'

/** Whether the block still grows. */
export const OpenContext = createContext(false)

function Link({ href, children }: ComponentProps<'a'>) {
  const url = safeUrl(href ?? '')
  if (url === '') return <span>{children}</span>
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" title={url}>
      {children}
    </a>
  )
}

/** A task list's box is a mark, not a control. */
function Tick({ checked }: ComponentProps<'input'>) {
  return <input type="checkbox" checked={checked} readOnly tabIndex={-1} />
}

function Pre({ children }: ComponentProps<'pre'>) {
  const isOpen = use(OpenContext)
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

export const elements: Partial<Components> = {
  a: Link,
  table: TableBox,
  input: Tick,
  pre: Pre,
  img: ({ src, alt }) => <RemoteImage src={safeUrl(typeof src === 'string' ? src : '')} alt={alt ?? ''} />,
  ...({ 'x-formula': Formula, 'x-note': NoteMark } as Partial<Components>),
}
