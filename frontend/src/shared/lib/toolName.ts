/** Names and descriptions that were written for a model, made readable. */

/** "Create ticket" of `create_ticket`, `createTicket` and `crm.create-ticket`. */
export function readableName(name: string): string {
  const own = name.split(/[./]|__/).at(-1) ?? ''
  const words = (own === '' ? name : own).replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').split(/[\s_-]+/).filter(Boolean)
  const sentence = words.map((word) => (/^[A-Z\d]{2,}$/.test(word) ? word : word.toLowerCase())).join(' ')
  return sentence === '' ? name : sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

const MOST = 160

/** What stands first says what it is for; what follows tells a model how to call it. */
export function firstSentence(description: string): string {
  const line = description.trim().split(/\n\s*\n|\n(?=\s*[-*#])/)[0]?.replaceAll(/\s+/g, ' ') ?? ''
  const sentence = /^.*?[.!?。](?=\s|$)/.exec(line)?.[0] ?? line
  if (sentence.length <= MOST) return sentence
  const cut = sentence.slice(0, MOST)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), MOST / 2))} …`
}
