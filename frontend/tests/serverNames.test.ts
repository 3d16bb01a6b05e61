/** What the screens know of the server by name is there: every code that it can send has words in every language, every right exists. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { i18n } from '@lingui/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { RUN_ERROR_TEXTS } from '@/features/conversation/model/runErrorTexts'
import { loadSources } from '@/features/tools/sources'
import { SOURCE_ERROR_TEXTS } from '@/features/tools/sources/model/sourceErrorTexts'
import { JOB_NAMES } from '@/features/settings/operations/model/jobNames'
import { PERMISSIONS } from '@/shared/api'
import { ERROR_TEXTS } from '@/shared/api/errorTexts'
import { activateLocale, LOCALES } from '@/shared/i18n'

const BACKEND = join(import.meta.dirname, '../../backend/coda')

/** Domains whose errors are read in a terminal, in a log or by a program. */
const ELSEWHERE = ['ag_ui', 'cli', 'database', 'mcp', 'openai_api', 'openai_responses', 'postgres']

/** And single codes, each with where it is read instead. */
const NOT_ON_A_SCREEN: Record<string, string> = {
  'core.invalid_cors_origin': 'start',
  'core.invalid_public_url': 'start',
  'core.invalid_trusted_proxies': 'start',
  'core.method_not_allowed': 'by programs',
  'core.no_such_path': 'by programs',
  'core.secret_key_missing': 'start',
  'core.secret_key_weak': 'start',
  'core.weak_secret_key': 'start',
  'files.link_invalid': 'by browsers, of an address in a picture',
  'files.store_misconfigured': 'start',
  'identity.account_not_found': 'command line',
  'operations.archive_unreadable': 'command line',
  'operations.backup_failed': 'command line',
  'operations.configuration_wrong': 'start',
  'operations.instance_not_empty': 'command line',
  'operations.metrics_forbidden': 'metrics',
  'operations.metrics_token_wrong': 'metrics',
  'organizations.admin_settings_incomplete': 'start',
  'runs.fenced_out': 'between workers',
  'runs.too_many_tool_calls': 'by the model',
  'tools.session_missing': 'by programs',
  'tools.no_result': 'by the model',
  'tools.servers_setting_invalid': 'start',
  'tools.unknown_in_settings': 'start',
}

/** `code = "runs.busy"`, `413: ("core.too_large"`, `code: ClassVar[str] = ...`, `code="runs.empty_answer"`, `"code": "runs.stopped"`, `CapReached("runs.step_limit"`, `LENGTH_LIMIT = ...`. */
const CODE = /(?:\bcode"?(?:: [\w[\]]+)?\s*[=:]\s*|CapReached\(\s*|\b\d{3}: \(|^[A-Z][A-Z_]+ = )"([a-z_]+\.[a-z_]+)"/gm

/** What comes back from a tool is written for the model, which reads it and tells what matters. */
const TOLD_TO_THE_MODEL = /^class \w+\(Tool(?:Error|Failed)\):(?:\n(?:    .*)?)*?\n    code = "(tools\.[a-z_]+)"/gm

const source = readdirSync(BACKEND, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.py'))
  .map((file) => readFileSync(join(BACKEND, file), 'utf8'))
  .join('\n')

const found = (pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map((match) => match[1] ?? ''))].sort()

const codes = found(CODE)
const toldToTheModel = new Set(['tools.failed', ...found(TOLD_TO_THE_MODEL)])
const texts = { ...ERROR_TEXTS, ...RUN_ERROR_TEXTS, ...SOURCE_ERROR_TEXTS }
const isShown = (code: string) => !(code in NOT_ON_A_SCREEN) && !toldToTheModel.has(code) && !ELSEWHERE.includes(code.split('.')[0] ?? '')

beforeAll(loadSources)
afterAll(() => activateLocale('en'))

describe('the codes of the server', () => {
  it('are found in its source', () => {
    expect(codes.length).toBeGreaterThan(100)
    expect(codes).toContain('context.prompt_too_long')
    expect(codes).toContain('runs.cost_limit')
    expect(toldToTheModel).toContain('tools.timed_out')
    expect(toldToTheModel).not.toContain('tools.locked_by_organization')
  })

  it('all have words, as far as a screen can meet them', () => {
    expect(codes.filter((code) => isShown(code) && !(code in texts))).toEqual([])
  })

  it('all exist that are told apart here', () => {
    const known = new Set(codes)
    const ours = /^(network$|unreadable$|browser$|stream\.)/
    expect([...Object.keys(NOT_ON_A_SCREEN), ...Object.keys(texts)].filter((code) => !known.has(code) && !ours.test(code))).toEqual([])
  })

  it.each(Object.keys(LOCALES))('have their words in %s', async (locale) => {
    await activateLocale(locale as keyof typeof LOCALES)
    const untold = Object.entries(texts).filter(([, text]) => {
      const words = i18n._({ ...text, values: { message: 'x' } })
      return words === text.id || (locale !== 'en' && words === text.message)
    })
    expect(untold.map(([code]) => code)).toEqual([])
  })
})

describe('the jobs of the server', () => {
  it('all have words', () => {
    const names = [...found(/\bjobs\.add\("([\w-]+)"/g), ...found(/^\w+_JOB(?:: Final)? = "([\w-]+)"/gm)]
    expect(names).toContain('reaper')
    expect(names).toContain('stop-runs')
    expect(names.filter((name) => !(name in JOB_NAMES))).toEqual([])
  })
})

describe('the rights that screens ask about', () => {
  it('are rights of the server', () => {
    const permissions = readFileSync(join(BACKEND, 'access/permissions.py'), 'utf8')

    expect(PERMISSIONS.filter((permission) => !permissions.includes(`= "${permission}"`))).toEqual([])
  })
})
