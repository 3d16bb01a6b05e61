/** The people of the organization, and the invitations that wait. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Invite, type InviteCreated, type Page, pagedQuery, type Person, type Role, unwrap } from '@/shared/api'

export const peopleQuery = pagedQuery({
  queryKey: ['people', 'members'],
  read: ({ query, signal }) => unwrap<Page<Person>>(api.GET('/api/v1/people', { params: { query }, signal })),
})

export const invitesQuery = pagedQuery({
  queryKey: ['people', 'invites'],
  read: ({ query, signal }) => unwrap<Page<Invite>>(api.GET('/api/v1/people/invites', { params: { query }, signal })),
})

export function useInvite() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { email: string; role: Role }) => unwrap<InviteCreated>(api.POST('/api/v1/people/invites', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  })
}

export function useWithdrawInvite() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/people/invites/{invite_id}', { params: { path: { invite_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  })
}

type PersonChange = { id: string; role?: Role; status?: Person['status'] }

export function useChangePerson() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...body }: PersonChange) => unwrap(api.PATCH('/api/v1/people/{user_id}', { params: { path: { user_id: id } }, body })),
    onSettled: () => cache.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  })
}
