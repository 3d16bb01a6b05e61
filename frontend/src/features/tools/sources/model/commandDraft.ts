/** What is entered about a command, and what of it is sent. Lists are typed one entry a line. */
import type { ToolSourceCreate, ToolSourceSummary } from '@/shared/api'

type Stdio = NonNullable<ToolSourceCreate['stdio']>
export type StdioRead = NonNullable<ToolSourceSummary['stdio']>

export interface CommandDraft {
  /** Null until somebody types one: then it follows the command. */
  name: string | null
  command: string
  args: string
  cwd: string
  env: string
  secrets: string
  startSeconds: string
  callSeconds: string
}

export const EMPTY_COMMAND: CommandDraft = { name: null, command: '', args: '', cwd: '', env: '', secrets: '', startSeconds: '30', callSeconds: '30' }

/** Programs that start others: the server is what they are given first. */
const STARTERS = /^(?:npx|uvx|uv|node|python[\d.]*|pipx|bunx|deno|docker)$/

export function commandNameOf({ name, command, args }: CommandDraft): string {
  if (name !== null) return name
  const program = lastPart(command.trim())
  const given = linesOf(args).find((arg) => !arg.startsWith('-'))
  const own = STARTERS.test(program) && given !== undefined ? lastPart(given) : program
  const words = own.replace(/\.\w+$/, '').replace(/^(?:mcp-)?server-|^mcp-server-|-mcp$/, '').replaceAll(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const toCommand = (draft: CommandDraft): ToolSourceCreate => ({
  kind: 'mcp_stdio',
  name: commandNameOf(draft).trim(),
  for: 'instance',
  stdio: stdioOf(draft, []),
})

/** A secret that is stored stays where its value is left empty. */
export function stdioOf(draft: CommandDraft, stored: readonly string[]): Stdio {
  const secrets = variablesOf(draft.secrets)
  return {
    command: draft.command.trim(),
    args: linesOf(draft.args),
    cwd: draft.cwd.trim() || null,
    env: variablesOf(draft.env),
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, value === '' && stored.includes(name) ? null : value])),
    start_seconds: Number(draft.startSeconds),
    call_seconds: Number(draft.callSeconds),
  }
}

export function commandDraftOf(name: string, stdio: StdioRead): CommandDraft {
  return {
    name,
    command: stdio.command,
    args: stdio.args.join('\n'),
    cwd: stdio.cwd ?? '',
    env: Object.entries(stdio.env).map(([key, value]) => `${key}=${value}`).join('\n'),
    secrets: Object.keys(stdio.secrets).map((key) => `${key}=`).join('\n'),
    startSeconds: String(stdio.start_seconds),
    callSeconds: String(stdio.call_seconds),
  }
}

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** An argument may have spaces at its ends; an empty line is none. */
const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

function variablesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1)]
    }),
  )
}
