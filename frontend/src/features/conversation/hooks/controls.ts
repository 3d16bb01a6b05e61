/** Commands to runs from this tab, and what each changes on the screen as soon as the server has taken it. */
import type { QueryClient } from '@tanstack/react-query'

import { sessionKeys } from '@/shared/api'
import type { Decision, RunCommand, RunStream } from '@/shared/stream'

import { runKeys, type Run } from '../api/runs'
import { changePages, findMessage, messageKeys, putMessage } from '../api/messages'
import type { Waiting } from '../model/queue'
import { newId } from '../model/ids'
import type { LiveRuns } from '../model/liveRuns'
import type { Message } from '../model/message'
import { pagesWithout } from '../model/path'
import { OutgoingSteers } from '../model/steers'

export class RunControls {
  readonly steers = new OutgoingSteers()
  private readonly stream: RunStream
  private readonly cache: QueryClient
  private readonly runs: LiveRuns

  constructor(stream: RunStream, cache: QueryClient, runs: LiveRuns) {
    this.stream = stream
    this.cache = cache
    this.runs = runs
  }

  async pause(runId: string): Promise<void> {
    this.know(await this.command({ op: 'pause', run_id: runId }))
  }

  /** Go on with a paused run or answer, or send a question that was held. */
  async resume(runId: string): Promise<void> {
    this.goOn(await this.command({ op: 'resume', run_id: runId }))
  }

  /** Have an answer that was cut written on. */
  async writeOn(runId: string): Promise<void> {
    const run = await this.command({ op: 'continue', run_id: runId })
    this.followsAgain(run.session_id)
    this.goOn(run)
  }

  async decide(runId: string, decisions: readonly Decision[]): Promise<void> {
    this.goOn(await this.command({ op: 'approve', run_id: runId, decisions }))
  }

  /** Shown as waiting to be read until the answer has it. */
  async steer(answer: Message, runId: string, text: string): Promise<void> {
    const id = newId()
    this.steers.add(answer.id, { id, text })
    try {
      this.know(await this.command({ op: 'steer', run_id: runId, id, content: text }))
    } finally {
      this.steers.drop(answer.id, id)
    }
  }

  async edit({ question, answer }: Waiting, text: string): Promise<void> {
    const ack = await this.stream.command({ op: 'edit', run_id: answer.run_id ?? '', content: text })
    putMessage(this.cache, (ack.message as Message | undefined) ?? { ...question, content: [{ type: 'text', text }] })
  }

  async remove({ question, answer }: Waiting): Promise<void> {
    await this.stream.command({ op: 'remove', run_id: answer.run_id ?? '' })
    const { session_id: sessionId } = question
    changePages(this.cache, sessionId, (pages) => pagesWithout(pages, question, answer))
    await this.cache.invalidateQueries({ queryKey: messageKeys.path(sessionId) })
    void this.cache.invalidateQueries({ queryKey: sessionKeys.one(sessionId) })
  }

  /** What was held under an answer that goes on waits for it again. */
  private followsAgain(sessionId: string): void {
    for (const [key, run] of this.cache.getQueriesData<Run>({ queryKey: runKeys.all })) {
      if (run?.session_id !== sessionId || run.queue?.waits_for !== 'person') continue
      this.cache.setQueryData<Run>(key, { ...run, queue: { ...run.queue, waits_for: 'answer' } })
    }
  }

  /** What the server said last about a run. */
  know(run: Run): void {
    this.cache.setQueryData(runKeys.one(run.id), run)
  }

  /** The run that goes on may be a new one: it fills the same answer. */
  goOn(run: Run): void {
    this.know(run)
    const message = findMessage(this.cache, run.session_id, (known) => known.id === run.message_id)
    if (message === undefined || message.run_id === run.id) return
    this.runs.goOn(run.id, message)
    putMessage(this.cache, { ...message, run_id: run.id, status: 'queued' })
  }

  private async command(command: RunCommand): Promise<Run> {
    const ack = await this.stream.command(command)
    return ack.run as Run
  }
}
