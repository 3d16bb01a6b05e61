/** Sends questions and settles answers, whatever page is shown: what is under way does not end with a component. */
import type { QueryClient } from '@tanstack/react-query'

import { ApiError, sessionKeys } from '@/shared/api'
import { StreamError, type RunStream } from '@/shared/stream'

import { createChatSession } from '../api/chatSession'
import { changePages, emptyPages, fetchMessage, messageKeys, putMessage, type Pages } from '../api/messages'
import { settledMessage } from '../model/answer'
import { Exchanges, type Outgoing } from '../model/exchanges'
import { LiveRuns } from '../model/liveRuns'
import type { Message } from '../model/message'
import { joinPages, pagesWithExchange, type ExchangeError } from '../model/path'
import type { RunState } from '../model/runState'

export class Desk {
  readonly runs: LiveRuns
  readonly exchanges = new Exchanges()
  private readonly stream: RunStream
  private readonly cache: QueryClient

  constructor(stream: RunStream, cache: QueryClient) {
    this.stream = stream
    this.cache = cache
    this.runs = new LiveRuns(stream)
    this.runs.onEnd((state, sessionId) => {
      void this.settle(state, sessionId)
    })
    stream.onRefused(({ runId }) => {
      void this.refreshAnswerOf(runId)
    })
  }

  /** A new session and its first question. The page moves to it at once; what fails is told there. */
  async open(exchange: Outgoing): Promise<void> {
    const { session_id: sessionId } = exchange.request
    await createChatSession(sessionId)
    this.cache.setQueryData<Pages>(messageKeys.path(sessionId), emptyPages())
    void this.send(exchange)
  }

  async send(exchange: Outgoing): Promise<void> {
    const { session_id: sessionId } = exchange.request
    this.exchanges.put({ ...exchange, error: null })
    try {
      const ack = await this.stream.start(exchange.request)
      await this.accept(sessionId, ack.message as Message | null, ack.assistant as Message)
    } catch (error) {
      this.exchanges.fail(sessionId, toExchangeError(error))
    }
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

  private async accept(sessionId: string, user: Message | null, assistant: Message): Promise<void> {
    // A page that was asked for before the question would come back without it.
    await this.cache.cancelQueries({ queryKey: messageKeys.path(sessionId) })
    changePages(this.cache, sessionId, (pages) => pagesWithExchange(pages, user, assistant))
    this.exchanges.settle(sessionId, assistant)
    void this.cache.invalidateQueries({ queryKey: sessionKeys.one(sessionId) })
  }

  /** The end of a run: what its events told is shown at once, what is stored takes its place. */
  private async settle(state: RunState, sessionId: string): Promise<void> {
    const message = this.findMessage(sessionId, (known) => known.id === state.messageId)
    if (message === undefined) return
    putMessage(this.cache, settledMessage(message, state))
    await this.refreshMessage(message)
  }

  private async refreshAnswerOf(runId: string): Promise<void> {
    for (const [key] of this.cache.getQueriesData<Pages>({ queryKey: ['conversation'] })) {
      const sessionId = key[1]
      if (key[2] !== 'messages' || typeof sessionId !== 'string') continue
      const message = this.findMessage(sessionId, (known) => known.run_id === runId)
      if (message !== undefined) await this.refreshMessage(message)
    }
  }

  private async refreshMessage(message: Message): Promise<void> {
    const stored = await fetchMessage(message.session_id, message.id).catch(() => null)
    if (stored?.id === message.id) putMessage(this.cache, stored)
  }

  private findMessage(sessionId: string, test: (message: Message) => boolean): Message | undefined {
    const data = this.cache.getQueryData<Pages>(messageKeys.path(sessionId))
    return data === undefined ? undefined : joinPages(data.pages).find(test)
  }
}

function toExchangeError(error: unknown): ExchangeError {
  if (error instanceof StreamError || error instanceof ApiError) return { code: error.code, message: error.message }
  throw error
}

const desks = new WeakMap<RunStream, Desk>()

export function deskOf(stream: RunStream, cache: QueryClient): Desk {
  const known = desks.get(stream)
  if (known !== undefined) return known
  const desk = new Desk(stream, cache)
  desks.set(stream, desk)
  return desk
}
