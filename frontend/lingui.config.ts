import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

/** Two catalogues: the shell is loaded with the first paint, the conversation with its route. */
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'pt-BR'],
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
  catalogs: [
    {
      path: '<rootDir>/src/shared/i18n/catalogues/shell/{locale}',
      include: ['src/app', 'src/features', 'src/shared'],
      exclude: ['src/features/conversation/**', 'src/shared/markdown/**', 'src/shared/stream/**', '**/*.test.*'],
    },
    {
      path: '<rootDir>/src/shared/i18n/catalogues/conversation/{locale}',
      include: ['src/features/conversation', 'src/shared/markdown', 'src/shared/stream'],
      exclude: ['**/*.test.*'],
    },
  ],
})
