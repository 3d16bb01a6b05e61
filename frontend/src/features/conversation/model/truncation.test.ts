import { describe, expect, it } from 'vitest'

import type { MessageStatus } from '@/shared/api'

import type { AnswerPart } from './answer'
import { isCut, isUsedUp } from './truncation'
import type { Part } from './message'

const answer = (status: MessageStatus, ...parts: Part[]) => ({
  status,
  parts: parts.map((part, index): AnswerPart => ({ key: String(index), part, isOpen: false, startedAt: 0 })),
})
const text: Part = { type: 'text', text: 'Half' }
const notice = (code: string): Part => ({ type: 'notice', code, message: '', details: {} })

describe('isCut', () => {
  it('is what a person stopped, or a limit ended', () => {
    expect(isCut(answer('stopped', text))).toBe(true)
    expect(isCut(answer('complete', text, notice('runs.length_limit')))).toBe(true)
    expect(isCut(answer('complete', notice('runs.step_limit'), text))).toBe(true)
  })

  it('is not what came to its end, failed, or waits', () => {
    expect(isCut(answer('complete', text))).toBe(false)
    expect(isCut(answer('complete', text, notice('runs.length_limit'), text))).toBe(false)
    expect(isCut(answer('complete', text, notice('runs.cost_limit')))).toBe(false)
    expect(isCut(answer('failed', text, notice('llm.unavailable')))).toBe(false)
    expect(isCut(answer('waiting', text))).toBe(false)
  })
})

describe('isUsedUp', () => {
  it.each(['runs.timed_out', 'runs.cost_limit'])('%s leaves nothing to continue with', (code) => {
    const ended = answer('stopped', text, notice(code))
    expect(isUsedUp(ended)).toBe(true)
    expect(isCut(ended)).toBe(false)
    expect(isUsedUp(answer('stopped', text))).toBe(false)
  })
})
