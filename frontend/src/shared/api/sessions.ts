/** The keys under which chat sessions are kept, for every feature that shows one. */
export const sessionKeys = {
  all: ['sessions'] as const,
  lists: ['sessions', 'list'] as const,
  list: (query: string, shelf: string) => ['sessions', 'list', shelf, query] as const,
  paused: ['sessions', 'paused'] as const,
  one: (id: string) => ['sessions', 'one', id] as const,
}
