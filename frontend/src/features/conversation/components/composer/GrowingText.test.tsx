/** The field for a question: what a long text asks of the browser. */
import { fireEvent, render, screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { GrowingText } from './GrowingText'

const filler = 'x '.repeat(6_000)

function open(value: string): HTMLElement {
  render(<GrowingText label="Question" value={value} onChange={() => undefined} onSend={() => undefined} />)
  return screen.getByRole('textbox')
}

describe('the direction of a question', () => {
  it.each([
    ['short words', 'auto'],
    [filler, 'ltr'],
    [`12. "שלום" ${filler}`, 'rtl'],
    [`1) مرحبا ${filler}`, 'rtl'],
    [`a שלום ${filler}`, 'ltr'],
    [`你好 שלום ${filler}`, 'ltr'],
  ])('is found once in a long text, not by the browser with every letter', (text, direction) => {
    expect(open(text)).toHaveAttribute('dir', direction)
  })

  it('is settled before a long text is pasted', () => {
    const field = open('')
    fireEvent.paste(field, { clipboardData: { getData: () => filler } })
    expect(field).toHaveAttribute('dir', 'ltr')
  })

  it('does not measure a text that is longer than the field may become', () => {
    expect(open(filler).style.height).toBe('100vh')
  })
})
