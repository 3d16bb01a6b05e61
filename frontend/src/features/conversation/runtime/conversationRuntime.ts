/** Sends questions and settles answers, whatever page is shown: what is under way does not end with a component. */
import type { QueryClient } from '@tanstack/react-query'

import { problemOf, sessionKeys } from '@/shared/api'
import { StreamError, type RunStream } from '@/shared/stream'

import { createChatSession } from '../api/chatSession'
import { changePages, emptyPages, fetchMessage, findMessage, messageKeys, putMessage, type Pages } from '../api/messages'
import { settledMessage } from '../model/answer'
import { readMessage, type Message } from '../model/message'
import type { Outgoing } from '../model/outgoing'
import { pagesWithExchange } from '../model/path'
import { isFinal, refusedFiles } from '../model/refusals'
import type { RunState } from '../model/runState'
import { Attachments } from './attachments'
import { ChosenModels } from './chosenModels'
import { Drafts } from './drafts'
import { LiveRuns } from './liveRuns'
import { Outbox } from './outbox'
import { Places } from './places'
import { Returns } from './returns'
import { RunControls } from './runControls'

export class ConversationRuntime {
  readonly runs: LiveRuns
  readonly outbox = new Outbox()
  readonly drafts = new Drafts()
  readonly attachments = new Attachments()
  readonly models = new ChosenModels()
  readonly places = new Places()
  readonly controls: RunControls
  readonly returns: Returns
  private readonly sending = new Set<string>()
  private readonly stream: RunStream
  private readonly cache: QueryClient

  constructor(stream: RunStream, cache: QueryClient) {
    this.stream = stream
    this.cache = cache
    this.runs = new LiveRuns(stream)
    this.returns = new Returns(this, cache)
    this.controls = new RunControls(stream, cache, this.runs)
    this.runs.onEnd(({ state, sessionId }) => {
      void this.settle(state, sessionId)
    })
    // What a reload has interrupted.
    for (const sessionId of this.outbox.sessionIds()) void this.sendAll(sessionId)
    stream.onRefused(({ runId }) => {
      void this.refreshAnswerOf(runId)
    })
  }

  /** A new session, made ready, and its first question. The page moves to it at once; what fails is told there. */
  async startSession(exchange: Outgoing, prepare?: (sessionId: string) => Promise<void>): Promise<void> {
    const { session_id: sessionId } = exchange.request
    await createChatSession(sessionId)
    await prepare?.(sessionId)
    this.models.choose(sessionId, exchange.request.model ?? null)
    this.models.choose(null, null)
    this.drafts.clear(null)
    this.attachments.clear(null)
    this.cache.setQueryData<Pages>(messageKeys.path(sessionId), emptyPages())
    this.send({ ...exchange, begins: true })
  }

  /** Kept until the server has it, behind what was sent from here before. */
  send(exchange: Outgoing): void {
    this.outbox.add(exchange)
    void this.sendAll(exchange.request.session_id)
  }

  /** What was refused goes out again, and what waited behind it. */
  retry(sessionId: string): void {
    const [first] = this.outbox.of(sessionId)
    if (first !== undefined) this.outbox.mark(first, null)
    void this.sendAll(sessionId)
  }

  /** Not to be sent after all. What waited behind it goes out. */
  withdraw(exchange: Outgoing): void {
    this.outbox.remove(exchange)
    void this.sendAll(exchange.request.session_id)
  }

  /** What was written and attached stands in the composer again. */
  takeBack(exchange: Outgoing): void {
    if (exchange.user !== null) this.returns.give(exchange, exchange.user)
    this.withdraw(exchange)
  }

  /** Stop a run; over HTTP where the socket is not there. */
  async stop(runId: string, overHttp: (runId: string) => Promise<void>): Promise<void> {
    try {
      await this.stream.cancel(runId)
    } catch (error) {
      if (!(error instanceof StreamError) || !error.code.startsWith('stream.')) throw error
      await overHttp(runId)
    }
  }

  /** One at a time, so that the queue keeps its order whatever is lost or refused on the way. */
  private async sendAll(sessionId: string): Promise<void> {
    if (this.sending.has(sessionId)) return
    this.sending.add(sessionId)
    try {
      let next = this.outbox.of(sessionId)[0]
      while (next !== undefined && next.error === null) {
        await this.sendOne(next)
        next = this.outbox.of(sessionId)[0]
      }
    } finally {
      this.sending.delete(sessionId)
    }
  }

  private async sendOne(exchange: Outgoing): Promise<void> {
    try {
      const ack = await this.stream.start(exchange.request)
      this.controls.remember(ack.run)
      await this.accept(exchange, ack.message && readMessage(ack.message), readMessage(ack.assistant))
    } catch (error) {
      this.refused(exchange, error)
    }
  }

  /** What would be refused again goes back to whoever wrote it; all else can be sent again from where it stands. */
  private refused(exchange: Outgoing, error: unknown): void {
    const problem = problemOf(error)
    const { user } = exchange
    if (user === null || !isFinal(problem.code)) {
      this.outbox.mark(exchange, problem)
      return
    }
    this.returns.give(exchange, user, { problem, fileIds: refusedFiles(problem, user), model: exchange.request.model ?? null })
  }

  private async accept(exchange: Outgoing, user: Message | null, assistant: Message): Promise<void> {
    const { session_id: sessionId } = exchange.request
    const queryKey = messageKeys.path(sessionId)
    // A page that was asked for before the question would come back without it.
    await this.cache.cancelQueries({ queryKey })
    changePages(this.cache, sessionId, (pages) => pagesWithExchange(pages, user, assistant))
    const isKnown = findMessage(this.cache, sessionId, ({ id }) => id === assistant.id) !== undefined
    // Below something that another page has added meanwhile.
    if (!isKnown) await this.cache.invalidateQueries({ queryKey })
    this.outbox.acknowledge(exchange, assistant)
    this.models.isTold(sessionId)
    void this.cache.invalidateQueries({ queryKey: sessionKeys.one(sessionId) })
  }

  /** The end of a run: what its events told is shown at once, what is stored takes its place. */
  private async settle(state: RunState, sessionId: string): Promise<void> {
    const message = findMessage(this.cache, sessionId, (known) => known.id === state.messageId)
    // An answer that another run fills by now is not what this one left.
    if (message === undefined || message.run_id !== state.runId) return
    putMessage(this.cache, settledMessage(message, state))
    await this.refreshMessage(message)
  }

  private async refreshAnswerOf(runId: string): Promise<void> {
    for (const [key] of this.cache.getQueriesData<Pages>({ queryKey: ['conversation'] })) {
      const sessionId = key[1]
      if (key[2] !== 'messages' || typeof sessionId !== 'string') continue
      const message = findMessage(this.cache, sessionId, (known) => known.run_id === runId)
      if (message !== undefined) await this.refreshMessage(message)
    }
  }

  /** Read a message again; what happened to it here meanwhile is newer than what comes back. */
  async refreshMessage({ id, session_id: sessionId, run_id: runId }: Message): Promise<void> {
    const stored = await fetchMessage(sessionId, id).catch(() => null)
    const known = findMessage(this.cache, sessionId, (message) => message.id === id)
    if (stored?.id === id && known?.run_id === runId) putMessage(this.cache, stored)
  }
}

const runtimes = new WeakMap<RunStream, ConversationRuntime>()

export function runtimeOf(stream: RunStream, cache: QueryClient): ConversationRuntime {
  const known = runtimes.get(stream)
  if (known !== undefined) return known
  const runtime = new ConversationRuntime(stream, cache)
  runtimes.set(stream, runtime)
  return runtime
}
