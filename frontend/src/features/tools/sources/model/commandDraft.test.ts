import { describe, expect, it } from 'vitest'

import { commandDraftOf, commandNameOf, EMPTY_COMMAND, stdioOf, toCommand } from './commandDraft'

describe('the name that a command suggests', () => {
  it.each([
    ['uvx', 'mcp-server-time', 'Time'],
    ['npx', '-y\n@modelcontextprotocol/server-filesystem\n/srv', 'Filesystem'],
    ['/usr/local/bin/ticket-box', '', 'Ticket box'],
    ['python3.12', '/srv/notes.py', 'Notes'],
    ['', '', ''],
  ])('of %s %s is %s', (command, args, name) => {
    expect(commandNameOf({ ...EMPTY_COMMAND, command, args })).toBe(name)
  })
})

describe('what is entered about a command', () => {
  const draft = { ...EMPTY_COMMAND, command: ' uvx ', args: 'box\n\n--a b\n', env: 'TZ=UTC\nEMPTY=', secrets: 'TOKEN=a=b' }

  it('is sent as lists and variables', () => {
    expect(toCommand(draft)).toMatchObject({
      kind: 'mcp_stdio',
      for: 'instance',
      stdio: { command: 'uvx', args: ['box', '--a b'], cwd: null, env: { TZ: 'UTC', EMPTY: '' }, secrets: { TOKEN: 'a=b' }, start_seconds: 30 },
    })
  })

  it('keeps a stored secret that is left empty', () => {
    const stored = { command: 'uvx', args: [], cwd: null, env: {}, secrets: { TOKEN: '…1234' }, start_seconds: 30, call_seconds: 30, is_fixed: false }
    const known = commandDraftOf('Box', stored)

    expect(known.secrets).toBe('TOKEN=')
    expect(stdioOf({ ...known, secrets: 'TOKEN=\nNEW=' }, ['TOKEN']).secrets).toEqual({ TOKEN: null, NEW: '' })
  })
})
