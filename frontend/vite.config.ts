/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'

import { lingui, linguiTransformerBabelPreset } from '@lingui/vite-plugin'
import babel from '@rolldown/plugin-babel'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

import { brotli } from './scripts/brotli.ts'
import { askedFor } from './tests/durations/slowest.ts'

/** What every visit loads, in few files, which pack better than many: one that hardly ever changes, those that do. All else, icons among it, stays as it is split. */
const chunks = [
  { name: 'vendor', test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack|@lingui|openapi-fetch|clsx|lucide-react(?!\/dist\/esm\/icons))\// },
  { name: 'shell', test: /src\/(app\/(layouts|pages)|shared\/(api|config|hooks|lib|stream|ui)\/(?!floating\/\w+Parts|Secret|Field|Input|Switch|Tabs))/ },
  { name: 'chat', test: /src\/features\/conversation\/(runtime\/(?!attachmentActions|sendFile)|hooks\/|components\/(actions|list\/|composer\/(GrowingText|MessageQueue|Composer|RunButtons)|answer\/(?!approval|ToolDetails|JsonTree))|model\/(?!context|exportMarkdown|timeline))/ },
]

const backend = process.env['CODA_BACKEND'] ?? 'http://127.0.0.1:8000'
const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [
    babel({ presets: [linguiTransformerBabelPreset()] }),
    react(),
    lingui({ failOnMissing: false }),
    tailwindcss(),
    brotli(),
  ],
  resolve: {
    alias: {
      '@': fromHere('./src'),
      // The original writes a <style> tag, which the content security policy forbids.
      'react-style-singleton': fromHere('./src/shared/lib/styleSingleton.ts'),
    },
  },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: backend, ws: true },
      '/v1': backend,
      '/docs': backend,
      '/openapi.json': backend,
      '/healthz': backend,
      '/readyz': backend,
    },
  },
  build: {
    manifest: true,
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // A data: URL font or picture would need a wider policy, and defeats caching.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000, // `npm run sizes` has the limits; what is as big as this is loaded when asked for
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  test: {
    environment: 'jsdom',
    pool: 'vmForks', // jsdom is made once per worker: half the processor time
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.{ts,tsx}'],
    setupFiles: ['src/shared/testing/setup.ts'],
    reporters: ['default', ...(askedFor(process.env) === null ? [] : ['./tests/durations/vitestReporter.ts'])],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    server: { deps: { inline: [/radix-ui/, /react-remove-scroll/] } },
  },
})
