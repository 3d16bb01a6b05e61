/** Colours code with shiki, without WebAssembly and with the tokens of our own palette. */
import { createHighlighterCore, type HighlighterCore, type LanguageRegistration, type ThemeRegistrationRaw } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

export type CodeLine = { text: string; color: string | undefined }[]

const MAX_LENGTH = 60_000

const GRAMMARS: Record<string, () => Promise<{ default: LanguageRegistration[] }>> = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  dockerfile: () => import('shiki/langs/dockerfile.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  jsx: () => import('shiki/langs/jsx.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  latex: () => import('shiki/langs/latex.mjs'),
  lua: () => import('shiki/langs/lua.mjs'),
  make: () => import('shiki/langs/make.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  powershell: () => import('shiki/langs/powershell.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  r: () => import('shiki/langs/r.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  scala: () => import('shiki/langs/scala.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
}

const ALIASES: Record<string, string> = {
  sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash', 'c++': 'cpp', cs: 'csharp', docker: 'dockerfile', golang: 'go',
  js: 'javascript', mjs: 'javascript', jsonc: 'json', json5: 'json', kt: 'kotlin', tex: 'latex', makefile: 'make', md: 'markdown',
  ps1: 'powershell', py: 'python', python3: 'python', rb: 'ruby', rs: 'rust', ts: 'typescript', yml: 'yaml', svg: 'xml', conf: 'ini',
}

/** One theme for light and dark: its colours are variables. */
const theme: ThemeRegistrationRaw = {
  name: 'coda',
  type: 'light',
  fg: 'var(--ink)',
  bg: 'var(--sunken)',
  settings: [
    { settings: { foreground: 'var(--ink)' } },
    { scope: ['comment', 'punctuation.definition.comment'], settings: { foreground: 'var(--ink-3)' } },
    { scope: ['keyword', 'storage', 'constant.language', 'variable.language'], settings: { foreground: 'var(--reason)' } },
    { scope: ['string', 'punctuation.definition.string', 'markup.inserted'], settings: { foreground: 'var(--ok)' } },
    { scope: ['constant.numeric', 'constant.other', 'constant.character', 'support.type.property-name.css'], settings: { foreground: 'var(--tool)' } },
    {
      scope: ['entity.name', 'support.function', 'support.class', 'support.type', 'meta.function-call.generic', 'markup.heading', 'entity.other.attribute-name'],
      settings: { foreground: 'var(--accent)' },
    },
    { scope: ['support.type.property-name.json', 'entity.name.tag.yaml'], settings: { foreground: 'var(--ink)' } },
    { scope: ['markup.deleted', 'invalid'], settings: { foreground: 'var(--danger)' } },
    { scope: ['keyword.operator', 'punctuation'], settings: { foreground: 'var(--ink-2)' } },
  ],
}

let highlighter: Promise<HighlighterCore> | null = null

/** Lines of coloured pieces, or null for a language that we don't know or a text too long to be worth it. */
export async function highlight(code: string, language: string): Promise<CodeLine[] | null> {
  const name = ALIASES[language.toLowerCase()] ?? language.toLowerCase()
  const grammar = GRAMMARS[name]
  if (grammar === undefined || code.length > MAX_LENGTH) return null
  highlighter ??= createHighlighterCore({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine({ forgiving: true }) })
  const core = await highlighter
  if (!core.getLoadedLanguages().includes(name)) await core.loadLanguage(grammar())
  const { tokens } = core.codeToTokens(code, { lang: name, theme: 'coda' })
  return tokens.map((line) => line.map(({ content, color }) => ({ text: content, color })))
}
