/** Recorded event streams, for tests only: the same files that the server's tests and AG-UI's own client replay. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { RunEvent } from '@/shared/stream'

const FOLDER = join(import.meta.dirname, '../../../../../docs/api/transcripts')

export interface Expected {
  status: string
  parts: unknown[]
  last_seq: number
  usage: unknown
  timing: unknown
}

export function transcriptNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
}

export function readTranscript(name: string): RunEvent[] {
  const lines = readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as RunEvent)
}

export function readExpected(name: string): Expected {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as Expected
}
