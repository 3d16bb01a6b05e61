/** The access token: in memory only, renewed by the refresh cookie, one tab at a time. */
import { claimStorage, forgetPersonal } from '@/shared/lib/personal'
import { Store } from '@/shared/lib/store'

import { toApiError, ApiError } from './errors'
import type { components } from './schema'

type SignedIn = components['schemas']['SignedIn']

export type AccessState = 'unknown' | 'in' | 'out'

const LOCK = 'coda.refresh'
const CHANNEL = 'coda.access'
/** Renewed this long before its end, so that no request starts with a token about to die. */
const MARGIN_MS = 20_000

/** Where a page that is loaded again begins. */
type Where = 'here' | 'at the start'

export class Access {
  private readonly state = new Store<AccessState>('unknown')
  private token: string | null = null
  private expiresAt = 0
  private userId: string | null = null
  private readonly startAnew: (where: Where) => void
  private renewing: Promise<boolean> | null = null
  private readonly channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL)

  /** `startAnew`: loads the page again, which is the one way to forget all that it remembers of a person. */
  constructor(startAnew: (where: Where) => void = loadAgain) {
    this.startAnew = startAnew
    // Signing out, or into another account or organization, holds for every tab of this browser.
    this.channel?.addEventListener('message', (event: MessageEvent) => {
      if (event.data === 'out') this.leave()
      if (event.data === 'changed' && this.getState() === 'in') this.startAnew('here')
    })
  }

  readonly getState = this.state.get
  readonly subscribe = this.state.subscribe

  /** A live token, renewed first where it is about to end; null when nobody is signed in. */
  async getToken(): Promise<string | null> {
    if (this.token && Date.now() < this.expiresAt - MARGIN_MS) return this.token
    if (this.getState() === 'out') return null
    await this.renew(this.token)
    return this.token
  }

  /** Somebody has signed in here. Whether it is somebody else than before: then the page is being loaded again. */
  accept(signedIn: SignedIn): boolean {
    const isOther = this.take(signedIn)
    if (!isOther) return false
    this.channel?.postMessage('changed')
    this.startAnew('at the start')
    return true
  }

  /** Renews once for all who wait. `spent` is the token that was refused: if another was fetched since, it is used. */
  renew(spent: string | null): Promise<boolean> {
    if (this.token !== spent && this.token) return Promise.resolve(true)
    this.renewing ??= this.renewAlone({}).finally(() => {
      this.renewing = null
    })
    return this.renewing
  }

  async switchOrganization(organizationId: string): Promise<boolean> {
    const isIn = await this.renewAlone({ organization_id: organizationId })
    this.channel?.postMessage('changed')
    return isIn
  }

  /** Ends the login on the server; here it ends in any case, and takes along what this browser keeps of the person. */
  async signOut(): Promise<void> {
    try {
      await post('/api/v1/auth/logout')
      this.leave()
    } catch (error) {
      // The cookie is still good, so a page that is loaded again would be signed in again.
      forgetPersonal()
      this.forget()
      throw error
    } finally {
      this.channel?.postMessage('out')
    }
  }

  /** The login has ended. Whoever signs in again finds what they were writing; somebody else does not. */
  forget(): void {
    this.token = null
    this.expiresAt = 0
    this.state.set('out')
  }

  private leave(): void {
    const wasIn = this.getState() === 'in'
    forgetPersonal()
    this.forget()
    if (wasIn) this.startAnew('at the start')
  }

  private take({ access_token: token, expires_in: seconds, user }: SignedIn): boolean {
    const wasAnother = this.userId !== null && this.userId !== user.id
    const hasLeftSomething = claimStorage(user.id)
    this.token = token
    this.expiresAt = Date.now() + seconds * 1000
    this.userId = user.id
    this.state.set('in')
    return wasAnother || hasLeftSomething
  }

  private async renewAlone(body: { organization_id?: string }): Promise<boolean> {
    const response = await oneTabAtATime(() => post('/api/v1/auth/refresh', body))
    if (response.ok) {
      if (this.take((await response.json()) as SignedIn)) this.startAnew('here')
      return true
    }
    if (response.status === 401 || response.status === 403) {
      this.forget()
      return false
    }
    throw toApiError(response, await response.json().catch(() => null))
  }
}

function loadAgain(where: Where): void {
  if (where === 'here') location.reload()
  else location.replace('/')
}

/** Web Locks exist only in secure contexts; over plain http the server's 30 s of grace covers the race. */
async function oneTabAtATime(task: () => Promise<Response>): Promise<Response> {
  if (!('locks' in navigator)) return task()
  return navigator.locks.request(LOCK, task)
}

async function post(path: string, body: object = {}): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch {
    throw new ApiError(0, 'network', '')
  }
}

export const access = new Access()
