/** The access token: in memory only, renewed by the refresh cookie, one tab at a time. */
import { Store } from '@/shared/lib/store'

import { toApiError, ApiError } from './errors'
import type { components } from './schema'

type SignedIn = components['schemas']['SignedIn']

export type AccessState = 'unknown' | 'in' | 'out'

const LOCK = 'coda.refresh'
const CHANNEL = 'coda.access'
/** Renewed this long before its end, so that no request starts with a token about to die. */
const MARGIN_MS = 20_000

export class Access {
  private readonly state = new Store<AccessState>('unknown')
  private token: string | null = null
  private expiresAt = 0
  private userId: string | null = null
  private readonly onOtherPerson: () => void
  private renewing: Promise<boolean> | null = null
  private readonly channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL)

  /** `onOtherPerson`: another tab of this browser signed in as somebody else, or into another organization. */
  constructor(onOtherPerson: () => void = () => location.reload()) {
    this.onOtherPerson = onOtherPerson
    // Signing out, or into another account, holds for every tab of this browser.
    this.channel?.addEventListener('message', (event: MessageEvent) => {
      if (event.data === 'out') this.forget()
      if (event.data === 'changed' && this.getState() === 'in') this.onOtherPerson()
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

  accept(signedIn: SignedIn): void {
    this.token = signedIn.access_token
    this.expiresAt = Date.now() + signedIn.expires_in * 1000
    this.userId = signedIn.user.id
    this.state.set('in')
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

  /** Ends the login on the server; here it ends in any case. */
  async signOut(): Promise<void> {
    try {
      await post('/api/v1/auth/logout')
    } finally {
      this.forget()
      this.channel?.postMessage('out')
    }
  }

  forget(): void {
    this.token = null
    this.expiresAt = 0
    this.userId = null
    this.state.set('out')
  }

  private async renewAlone(body: { organization_id?: string }): Promise<boolean> {
    const response = await oneTabAtATime(() => post('/api/v1/auth/refresh', body))
    if (response.ok) {
      const signedIn = (await response.json()) as SignedIn
      const isOther = this.userId !== null && this.userId !== signedIn.user.id
      this.accept(signedIn)
      if (isOther) this.onOtherPerson()
      return true
    }
    if (response.status === 401 || response.status === 403) {
      this.forget()
      return false
    }
    throw toApiError(response.status, await response.json().catch(() => null))
  }
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
