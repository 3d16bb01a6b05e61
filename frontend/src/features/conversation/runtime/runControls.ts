/** Commands to runs from this tab, and what each changes on the screen as soon as the server has taken it. */
import type { QueryClient } from '@tanstack/react-query'

import { sessionKeys, type Run, type ToolDecision } from '@/shared/api'
import type { RunCommand, RunStream } from '@/shared/stream'

import { changePages, findMessage, messageKeys, putMessage } from '../api/messages'
import { runKeys } from '../api/runs'
import { contentOf, questionParts } from '../model/attachment'
import { newId } from '../model/ids'
import { attachedParts, readMessage, type Message } from '../model/message'
import { pagesWithout } from '../model/path'
import type { QueuedQuestion } from '../model/queue'
import type { LiveRuns } from './liveRuns'
import { PendingSteers } from './pendingSteers'

export class RunControls {
  readonly steers = new PendingSteers()
  private readonly stream: RunStream
  private readonly cache: QueryClient
  private readonly runs: LiveRuns

  constructor(stream: RunStream, cache: QueryClient, runs: LiveRuns) {
    this.stream = stream
    this.cache = cache
    this.runs = runs
  }

  async pause(runId: string): Promise<void> {
    this.remember(await this.command({ op: 'pause', run_id: runId }))
  }

  /** Resume a paused run or answer, or send a question that is on hold. */
  async resume(runId: string): Promise<void> {
    this.continueAnswer(await this.command({ op: 'resume', run_id: runId }))
  }

  /** Continue an answer that was cut. */
  async continueRun(runId: string): Promise<void> {
    const run = await this.command({ op: 'continue', run_id: runId })
    this.releaseHeld(run.session_id)
    this.continueAnswer(run)
  }

  async decide(runId: string, decisions: readonly ToolDecision[]): Promise<void> {
    this.continueAnswer(await this.command({ op: 'approve', run_id: runId, decisions }))
  }

  /** Shown as waiting to be read until the answer has it. */
  async steer(answer: Message, runId: string, text: string): Promise<void> {
    const id = newId()
    this.steers.add(answer.id, { id, text })
    try {
      this.remember(await this.command({ op: 'steer', run_id: runId, id, content: text }))
    } finally {
      this.steers.remove(answer.id, id)
    }
  }

  async edit({ question, answer }: QueuedQuestion, text: string): Promise<void> {
    const ack = await this.stream.command({ op: 'edit', run_id: answer.run_id ?? '', content: contentOf(text, attachedParts(question)) })
    putMessage(this.cache, ack.message ? readMessage(ack.message) : { ...question, content: questionParts(text, attachedParts(question)) })
  }

  async remove({ question, answer }: QueuedQuestion): Promise<void> {
    await this.stream.command({ op: 'remove', run_id: answer.run_id ?? '' })
    const { session_id: sessionId } = question
    changePages(this.cache, sessionId, (pages) => pagesWithout(pages, question, answer))
    await this.cache.invalidateQueries({ queryKey: messageKeys.path(sessionId) })
    void this.cache.invalidateQueries({ queryKey: sessionKeys.one(sessionId) })
  }

  /** What was on hold under an answer that is continued waits for it again. */
  private releaseHeld(sessionId: string): void {
    for (const [key, run] of this.cache.getQueriesData<Run>({ queryKey: runKeys.all })) {
      if (run?.session_id !== sessionId || run.queue?.waits_for !== 'person') continue
      this.cache.setQueryData<Run>(key, { ...run, queue: { ...run.queue, waits_for: 'answer' } })
    }
  }

  /** What the server said last about a run. */
  remember(run: Run): void {
    this.cache.setQueryData(runKeys.one(run.id), run)
  }

  /** The run that continues an answer may be a new one: it fills the same message. */
  private continueAnswer(run: Run): void {
    this.remember(run)
    const message = findMessage(this.cache, run.session_id, (known) => known.id === run.message_id)
    if (message === undefined || message.run_id === run.id) return
    this.runs.continueFrom(run.id, message)
    putMessage(this.cache, { ...message, run_id: run.id, status: 'queued' })
  }

  private async command(command: RunCommand): Promise<Run> {
    const { run } = await this.stream.command(command)
    return run
  }
}
