import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

/** The shell is loaded with the first paint, the conversation with its route, the pages of the settings and the sources of tools with them. */
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'pt-BR'],
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
  catalogs: [
    {
      path: '<rootDir>/src/shared/i18n/catalogues/shell/{locale}',
      include: ['src/app', 'src/features', 'src/shared'],
      exclude: ['src/features/conversation/**', 'src/features/**/settings/**', 'src/features/tools/sources/**', 'src/shared/markdown/**', 'src/shared/stream/**', '**/*.test.*'],
    },
    {
      path: '<rootDir>/src/shared/i18n/catalogues/settings/{locale}',
      include: ['src/features/settings', 'src/features/models/settings', 'src/features/tools/settings'],
      exclude: ['**/*.test.*'],
    },
    {
      path: '<rootDir>/src/shared/i18n/catalogues/conversation/{locale}',
      include: ['src/features/conversation', 'src/shared/markdown', 'src/shared/stream'],
      exclude: ['**/*.test.*'],
    },
    {
      path: '<rootDir>/src/shared/i18n/catalogues/sources/{locale}',
      include: ['src/features/tools/sources'],
      exclude: ['**/*.test.*'],
    },
  ],
})
