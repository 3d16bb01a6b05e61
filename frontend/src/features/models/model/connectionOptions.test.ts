import { describe, expect, it } from 'vitest'

import type { ConnectionOptions } from '@/shared/api'

import { isUnchanged, NO_OPTIONS, optionsDraftOf, toOptions } from './connectionOptions'
import { type OptionField, optionProblems, type ProblemCode } from './optionProblems'
import { refusedField } from './refusedField'

const STORED: ConnectionOptions = {
  header_names: ['X-Team'],
  body: { top_k: 40 },
  models: ['a', 'b'],
  authority: null,
  first_token_seconds: 90,
  idle_seconds: null,
  takes_tools: false,
  takes_system: true,
  proxy: 'http://proxy.lan:3128',
  proxy_has_login: true,
  prices: [{ model: null, input_per_million: '0.5', output_per_million: '2', cached_input_per_million: '0.1', reasoning_per_million: null }],
}

describe('the fields of a connection', () => {
  it('come back as they were stored, with the values of headers kept', () => {
    expect(toOptions(optionsDraftOf(STORED))).toEqual({
      headers: { 'X-Team': null },
      body: { top_k: 40 },
      models: ['a', 'b'],
      authority: null,
      first_token_seconds: 90,
      idle_seconds: null,
      takes_tools: false,
      takes_system: true,
      proxy: 'http://proxy.lan:3128',
      prices: [{ model: null, input_per_million: '0.5', output_per_million: '2', cached_input_per_million: '0.1' }],
    })
    expect(isUnchanged(optionsDraftOf(STORED), optionsDraftOf(STORED))).toBe(true)
    expect(isUnchanged(optionsDraftOf(null), NO_OPTIONS)).toBe(true)
  })

  it('say free in one word', () => {
    const free = toOptions({ ...NO_OPTIONS, pricing: 'free' }).prices
    expect(free).toEqual([{ input_per_million: '0', output_per_million: '0' }])
    const stored = { ...STORED, prices: [{ model: null, input_per_million: '0', output_per_million: '0', cached_input_per_million: null, reasoning_per_million: null }] }
    expect(optionsDraftOf(stored).pricing).toBe('free')
  })

  it('take a comma for a point, and leave out empty headers', () => {
    const price = { model: ' m ', input: '0,25', output: '1', cached: '', reasoning: ' 2,5' }
    const sent = toOptions({ ...NO_OPTIONS, pricing: 'own', prices: [price], firstToken: '2,5', headers: [{ name: ' ', value: '', isStored: false }] })
    expect(sent.prices).toEqual([{ model: 'm', input_per_million: '0.25', output_per_million: '1', reasoning_per_million: '2.5' }])
    expect(sent.first_token_seconds).toBe(2.5)
    expect(sent.headers).toEqual({})
  })
})

const header = (name: string, value: string, isStored = false) => ({ name, value, isStored })
const price = (input: string, output: string, model = '') => ({ model, input, output, cached: '', reasoning: '' })

describe('what is wrong with them', () => {
  it.each<[OptionField, ProblemCode | undefined, Partial<typeof NO_OPTIONS>]>([
    ['headers', 'headerName', { headers: [header('X Team', 'a')] }],
    ['headers', 'headerOwn', { headers: [header('Host', 'a')] }],
    ['headers', 'headerTwice', { headers: [header('X-Team', 'a'), header('x-team', 'b')] }],
    ['headers', 'headerValue', { headers: [header('X-Team', '')] }],
    ['headers', 'headerValue', { headers: [header('X-Team', 'é')] }],
    ['headers', undefined, { headers: [header('X-Team', '', true), header('', '')] }],
    ['body', 'notJson', { body: '{top_k: 40}' }],
    ['body', 'notObject', { body: '[1]' }],
    ['body', 'ownField', { body: '{"model": "x"}' }],
    ['body', undefined, { body: ' {"top_k": 40} ' }],
    ['models', 'tooMany', { models: Array.from({ length: 501 }, (_, at) => `m${at}`).join('\n') }],
    ['authority', 'notPem', { authority: 'hello' }],
    ['authority', undefined, { authority: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' }],
    ['proxy', 'notProxy', { proxy: 'socks5://x' }],
    ['proxy', 'notProxy', { proxy: 'http://x/path' }],
    ['proxy', undefined, { proxy: 'proxy.lan:3128' }],
    ['proxy', undefined, { proxy: 'http://me:secret@proxy.lan:3128' }],
    ['firstToken', 'notSeconds', { firstToken: '0' }],
    ['idle', 'notSeconds', { idle: 'soon' }],
    ['idle', undefined, { idle: '12,5' }],
    ['prices', 'noPrice', { pricing: 'own' }],
    ['prices', 'notPrice', { pricing: 'own', prices: [price('1', '')] }],
    ['prices', 'notPrice', { pricing: 'own', prices: [price('-1', '2')] }],
    ['prices', 'priceTwice', { pricing: 'own', prices: [price('1', '2'), price('1', '2')] }],
    ['prices', undefined, { pricing: 'own', prices: [price('1', '2'), price('0.5', '1,5', 'm')] }],
    ['prices', undefined, { pricing: 'free', prices: [price('x', '')] }],
  ])('%s: %s', (field, code, changes) => {
    expect(optionProblems({ ...NO_OPTIONS, ...changes })[field]?.code).toBe(code)
  })
})

describe('what the server refuses', () => {
  it.each([
    [{ code: 'llm.connection_invalid', details: { field: 'options.proxy' } }, 'proxy'],
    [{ code: 'http.address_refused', details: { field: 'base_url' } }, 'address'],
    [{ code: 'llm.connection_exists', details: { slug: 'x' } }, 'name'],
    [{ code: 'core.invalid_request', details: { fields: [{ field: 'options.prices.0.input_per_million' }] } }, 'prices'],
    [{ code: 'core.invalid_request', details: { fields: [{ field: 'options.first_token_seconds' }] } }, 'firstToken'],
    [{ code: 'core.internal', details: {} }, null],
  ])('%j stands beside %s', (error, field) => {
    expect(refusedField(error)).toBe(field)
  })
})
