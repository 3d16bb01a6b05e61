/** Gate on circles: no file of src may import itself by way of others, types and late imports included. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'

const root = fileURLToPath(new URL('../', import.meta.url))
const src = join(process.argv[2] ? resolve(process.argv[2]) : root, 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  .map((file) => join(src, file))

const known = new Set(files)

function target(from, name) {
  if (!/^(@\/|\.)/.test(name)) return null
  const path = name.startsWith('@/') ? join(src, name.slice(2)) : resolve(dirname(from), name)
  return ['.ts', '.tsx', '/index.ts'].map((end) => path + end).find((file) => known.has(file)) ?? null
}

const imports = new Map(
  files.map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'))
    return [file, importedFiles.flatMap(({ fileName }) => target(file, fileName) ?? [])]
  }),
)

/** Tarjan's strongly connected components: each of more than one file, or that names itself, is a circle. */
function circles() {
  const index = new Map()
  const low = new Map()
  const stack = []
  const found = []
  const visit = (file) => {
    index.set(file, index.size)
    low.set(file, index.get(file))
    stack.push(file)
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)))
    }
    if (low.get(file) !== index.get(file)) return
    const members = stack.splice(stack.indexOf(file))
    if (members.length > 1 || imports.get(file).includes(file)) found.push(members)
  }
  for (const file of files) if (!index.has(file)) visit(file)
  return found
}

const found = circles()
for (const members of found) console.error(`Import circle: ${members.map((file) => relative(src, file)).toSorted().join(', ')}`)
if (found.length > 0) process.exit(1)
console.log(`No import circles in ${String(files.length)} files`)
