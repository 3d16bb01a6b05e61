import { describe, expect, it } from 'vitest'

import type { MessageStatus } from '@/shared/api'

import type { AnswerPart } from './answer'
import { isCut, isUsedUp, withoutPassedCuts } from './truncation'
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

  it('is what failed after something had come of it, unless it would fail again', () => {
    const call: Part = { type: 'tool_call', id: 'c', name: 'calculator', arguments: {}, status: 'done', result: 1, error: null, duration_ms: 1 }
    expect(isCut(answer('failed', text, notice('llm.stream_cut')))).toBe(true)
    expect(isCut(answer('failed', call, notice('llm.provider_busy')))).toBe(true)
    expect(isCut(answer('failed', text, notice('llm.stream_cut'), text, notice('llm.stream_cut')))).toBe(true)
    expect(isCut(answer('failed', notice('llm.stream_cut')))).toBe(false)
    expect(isCut(answer('failed', { ...call, status: 'failed' }, notice('llm.stream_cut')))).toBe(false)
    expect(isCut(answer('failed', text, notice('context.prompt_too_long')))).toBe(false)
    expect(isCut(answer('failed', text, notice('runs.cost_limit')))).toBe(false)
  })

  it('is not what came to its end or waits', () => {
    expect(isCut(answer('complete', text))).toBe(false)
    expect(isCut(answer('complete', text, notice('runs.length_limit'), text))).toBe(false)
    expect(isCut(answer('complete', text, notice('runs.cost_limit')))).toBe(false)
    expect(isCut(answer('waiting', text))).toBe(false)
  })
})

describe('withoutPassedCuts', () => {
  const shown = (...given: Parameters<typeof answer>) => withoutPassedCuts(answer(...given)).map(({ part }) => part.type)

  it('says that an answer was cut until it goes on', () => {
    expect(shown('complete', text, notice('runs.length_limit'))).toEqual(['text', 'notice'])
    expect(shown('queued', text, notice('runs.length_limit'))).toEqual(['text'])
    expect(shown('streaming', text, notice('runs.length_limit'), text)).toEqual(['text', 'text'])
    expect(shown('complete', text, notice('runs.length_limit'), text)).toEqual(['text', 'text'])
  })

  it('keeps what else is told on the way', () => {
    expect(shown('streaming', notice('llm.fallback'), text)).toEqual(['notice', 'text'])
    expect(shown('complete', text, notice('runs.length_limit'), text, notice('runs.length_limit'))).toEqual(['text', 'text', 'notice'])
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
