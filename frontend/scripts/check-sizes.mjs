/** Gate on what a browser must load: gzipped JavaScript of the shell with the chat route, and of markdown beside it. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const CATALOGUES = ['shell', 'conversation'].map((area) => `src/shared/i18n/catalogues/${area}/en.po`)
const FIRST_LOAD = ['index.html', 'src/app/routes/ChatPage.tsx', ...CATALOGUES]

const LIMITS = [
  { name: 'shell and chat route', roots: FIRST_LOAD, besides: [], limit: 200 },
  { name: 'markdown', roots: ['src/shared/markdown/MarkdownBlocks.tsx'], besides: FIRST_LOAD, limit: 60 },
]

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

function close(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key]?.imports ?? []) close(next, seen)
  return seen
}

const filesOf = (roots) =>
  new Set(roots.flatMap((root) => [...close(root)]).map((key) => manifest[key].file).filter((file) => file.endsWith('.js')))

const sizeOf = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length

let failed = false
for (const { name, roots, besides, limit } of LIMITS) {
  const absent = roots.filter((root) => !manifest[root])
  if (absent.length > 0) throw new Error(`${name}: the build has no chunk for ${absent.join(', ')}`)
  const already = filesOf(besides)
  const files = [...filesOf(roots)].filter((file) => !already.has(file))
  const sizes = files.map((file) => [file, sizeOf(file)]).sort((a, b) => b[1] - a[1])
  const total = sizes.reduce((sum, [, size]) => sum + size, 0) / 1024
  console.log(`${name}: ${total.toFixed(1)} KB of ${limit} KB gzipped`)
  if (process.argv.includes('--verbose')) for (const [file, size] of sizes) console.log(`  ${(size / 1024).toFixed(1).padStart(6)} KB  ${file}`)
  if (total > limit) failed = true
}
if (failed) process.exit(1)
