/** The typed client of `/api/v1`: Bearer from memory, one renewal and one retry on 401, errors as `ApiError`. */
import createClient from 'openapi-fetch'

import { access } from './access'
import { ApiError, toApiError } from './errors'
import type { paths } from './schema'

/** Calls that make or end a login carry no token and are not tried again. */
const WITHOUT_TOKEN = /\/api\/v1\/auth\//

export async function authorizedFetch(request: Request): Promise<Response> {
  if (WITHOUT_TOKEN.test(request.url)) return send(request)
  const token = await access.getToken()
  const again = request.clone()
  const response = await send(withToken(request, token))
  if (response.status !== 401) return response
  const isRenewed = await access.renew(token)
  return isRenewed ? send(withToken(again, await access.getToken())) : response
}

function withToken(request: Request, token: string | null): Request {
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  return request
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'network', '')
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch })

interface Answer<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/** The data of an answer; a refusal is thrown as `ApiError`. */
export async function unwrap<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer
  if (!response.ok) throw toApiError(response, error)
  return data as Data
}
