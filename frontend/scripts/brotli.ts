/** Lays each file of the build that gets smaller so beside itself as Brotli has it, for the server to send. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

import type { Plugin } from 'vite'

const COMPRESSIBLE = /\.(?:js|mjs|css|html|svg|json|wasm|webmanifest|txt)$/

export function brotli(): Plugin {
  let folder = ''
  return {
    name: 'coda-brotli',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir)
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (COMPRESSIBLE.test(name) && !name.startsWith('.')) compress(join(folder, name))
      }
    },
  }
}

function compress(path: string): void {
  const body = readFileSync(path)
  const { BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants
  const compressed = brotliCompressSync(body, { params: { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_SIZE_HINT]: body.length } })
  if (compressed.length < body.length) writeFileSync(`${path}.br`, compressed)
}
