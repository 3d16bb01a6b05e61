import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { act, fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type ReactNode, useState } from 'react'
import { describe, expect, it, vi } from 'vitest'

import { Button, Field, IconButton, Input, Menu, MenuItem, Tabs, Toaster, toasts } from '.'
import { placeBeside } from './placeBeside'
import { ResizeEdge } from './region/ResizeEdge'

const show = (children: ReactNode) => render(<I18nProvider i18n={i18n}>{children}</I18nProvider>)

describe('Button', () => {
  it('takes no second press while busy, and keeps the focus', async () => {
    const onClick = vi.fn()
    show(
      <Button busy onClick={onClick}>
        Save
      </Button>,
    )
    const button = screen.getByRole('button', { name: 'Save' })
    button.focus()
    await userEvent.click(button)

    expect(onClick).not.toHaveBeenCalled()
    expect(button).toHaveFocus()
    expect(button).toHaveAttribute('aria-busy', 'true')
  })
})

describe('Field', () => {
  it('ties label, control and error together', () => {
    show(
      <Field label="Name" hint="Any" error="It is too long.">
        {(control) => <Input {...control} />}
      </Field>,
    )
    const input = screen.getByLabelText('Name')

    expect(input).toBeInvalid()
    expect(input).toHaveAccessibleDescription('It is too long.')
  })
})

describe('A form that cannot be sent yet', () => {
  const open = () =>
    show(
      <form aria-label="Account">
        <Field label="Name" hint="Any">
          {(control) => <Input {...control} required />}
        </Field>
        <Field label="Password">{(control) => <Input {...control} required minLength={10} />}</Field>
        <button type="submit">Send</button>
      </form>,
    )

  it('says below each field what is missing, and goes to the first', async () => {
    open()
    await userEvent.click(screen.getByRole('button', { name: 'Send' }))
    expect(screen.getAllByText('Fill this in.')).toHaveLength(2)
    expect(screen.getByLabelText('Name')).toBeInvalid()
    expect(screen.getByLabelText('Name')).toHaveFocus()
    await userEvent.keyboard('A')
    expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('Any')
  })
})

describe('IconButton', () => {
  it('shows its name on keyboard focus and hides it on Escape', async () => {
    show(<IconButton label="Copy" icon={<svg />} />)
    await userEvent.tab()
    expect(await screen.findByRole('tooltip')).toHaveTextContent('Copy')

    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('tooltip')).toBeNull()
  })
})

describe('Menu', () => {
  it('opens with the arrow key before anything of it was loaded, and gives the focus back', async () => {
    const onSelect = vi.fn()
    show(
      <Menu trigger={<button type="button">More</button>}>
        <MenuItem onSelect={onSelect}>Rename</MenuItem>
      </Menu>,
    )
    screen.getByRole('button', { name: 'More' }).focus()
    await userEvent.keyboard('{ArrowDown}')
    await screen.findByRole('menuitem', { name: 'Rename' })
    await userEvent.keyboard('{ArrowDown}{Enter}')

    expect(onSelect).toHaveBeenCalledOnce()
    expect(await screen.findByRole('button', { name: 'More' })).toHaveFocus()
  })
})

describe('Tabs', () => {
  function Example() {
    const [value, setValue] = useState('a')
    const tabs = ['a', 'b', 'c'].map((name) => ({ value: name, label: name.toUpperCase(), content: `Panel ${name}` }))
    return <Tabs label="Letters" value={value} onValueChange={setValue} tabs={tabs} />
  }

  it('moves and chooses with the keys, around the ends', async () => {
    show(<Example />)
    await userEvent.tab()
    await userEvent.keyboard('{ArrowLeft}')

    expect(screen.getByRole('tab', { name: 'C' })).toHaveFocus()
    expect(screen.getByRole('tabpanel', { name: 'C' })).toHaveTextContent('Panel c')
    await userEvent.keyboard('{Home}')
    expect(screen.getByRole('tab', { name: 'A' })).toHaveAttribute('aria-selected', 'true')
  })
})

describe('Toaster', () => {
  it('goes after six seconds, unless it is an error or being read', () => {
    vi.useFakeTimers()
    try {
      show(<Toaster />)
      act(() => {
        toasts.show({ text: 'Saved.' })
        toasts.show({ text: 'Failed.', tone: 'error' })
        toasts.show({ text: 'Deleted.', action: { label: 'Undo', onAct: () => undefined } })
      })
      fireEvent.pointerEnter(screen.getByText('Deleted.').parentElement!)
      act(() => vi.advanceTimersByTime(6_100))

      expect(screen.queryByText('Saved.')).toBeNull()
      expect(screen.getByText('Failed.')).toBeVisible()
      expect(screen.getByText('Deleted.')).toBeVisible()
    } finally {
      vi.useRealTimers()
      for (const { id } of toasts.get()) act(() => toasts.dismiss(id))
    }
  })

  it('says the same thing once, and no more than three at a time', () => {
    for (const text of ['one', 'two', 'two', 'three', 'four']) toasts.show({ text })

    expect(toasts.get().map(({ text }) => text)).toEqual(['two', 'three', 'four'])
    for (const { id } of toasts.get()) toasts.dismiss(id)
  })
})

describe('placeBeside', () => {
  const size = { width: 100, height: 20 }
  const view = { width: 400, height: 300 }
  const anchor = (left: number, top: number) => ({ left, top, width: 28, height: 28 })

  it('stands centred on the wished side', () => {
    expect(placeBeside({ anchor: anchor(200, 100), size, view, side: 'bottom' })).toEqual({ left: 164, top: 134 })
  })

  it('turns to the other side where there is no room', () => {
    expect(placeBeside({ anchor: anchor(200, 270), size, view, side: 'bottom' }).top).toBe(244)
    expect(placeBeside({ anchor: anchor(4, 100), size, view, side: 'left' }).left).toBe(38)
  })

  it('never leaves the window', () => {
    expect(placeBeside({ anchor: anchor(0, 100), size, view, side: 'bottom' }).left).toBe(8)
    expect(placeBeside({ anchor: anchor(372, 100), size, view, side: 'top' }).left).toBe(292)
  })
})

describe('ResizeEdge', () => {
  it('moves with the arrow keys within its bounds', () => {
    const onResize = vi.fn()
    show(<ResizeEdge side="right" label="Width" width={380} min={320} max={390} onResize={onResize} />)
    const edge = screen.getByRole('separator', { name: 'Width' })

    fireEvent.keyDown(edge, { key: 'ArrowRight' })
    fireEvent.keyDown(edge, { key: 'ArrowLeft' })
    fireEvent.keyDown(edge, { key: 'Home' })

    expect(onResize.mock.calls).toEqual([[364], [390], [320]])
  })
})
