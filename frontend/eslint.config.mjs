import boundaries from 'eslint-plugin-boundaries'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import lingui from 'eslint-plugin-lingui'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const el = (type) => ({ element: { type } })

const sizes = {
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 10],
}

/** Packages and folders that a layer may not use. Types of shared modules carry nothing along, so they are let through. */
const forbidImports = (message, { packages, folders, modules = [] }) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [
    { regex: `^(${packages.join('|')})(/|$)`, message },
    ...(folders.length > 0 ? [{ regex: `/(${folders.join('|')})(/|$)`, message }] : []),
    ...(modules.length > 0 ? [{ regex: `^@/shared/(${modules.join('|')})(/|$)`, message, allowTypeImports: true }] : []),
  ] }],
})
const REACT = ['react', 'react-dom', '@lingui/react', '@tanstack/react-router', 'lucide-react', 'radix-ui']

/** Text that no person reads: class names, ids, keys, codes, paths, media types. */
const unlocalized = {
  useTsTypes: true,
  ignore: ['^[^A-Za-zÀ-ÿ]*$', '^[^A-Z\\s]+$', '^[A-Z][A-Z0-9_:.-]*$', '^[a-z][A-Za-z0-9]*$', '^(Coda|Ctrl|Esc|Tab|Python)$', '^[^A-Za-z]*[A-Z]$', '^(/|@/|\\./|https?:)', '^[a-z-]+/[a-z0-9.+*-]+'],
  ignoreNames: [
    { regex: { pattern: '(className|class|Class|classes|Classes|Style|style|styles)$' } },
    { regex: { pattern: '^(aria-(labelledby|describedby|controls|live|current|haspopup)|data-.*)$' } },
    { regex: { pattern: '^[A-Z][A-Z0-9_]*$' } },
    'd', 'viewBox', 'points', 'transform', 'id', 'key', 'name', 'type', 'role', 'href', 'src', 'rel', 'htmlFor', 'to', 'path',
    'autoComplete', 'inputMode', 'displayName', 'gridTemplateColumns', 'gridTemplateRows', 'accept', 'content', 'fill', 'stroke',
    'height', 'width', 'code', 'method', 'credentials', 'headers', 'keyExample', 'clipPath', 'background', 'maskImage',
  ],
  ignoreFunctions: [
    'cx', 'clsx', 'require', 'import', 'Error', 'TypeError', 'RangeError', 'ApiError', 'console.*', '*.addEventListener',
    '*.removeEventListener', '*.querySelector', '*.querySelectorAll', '*.closest', '*.matches', '*.matchMedia', 'matchMedia',
    '*.getItem', '*.setItem', '*.removeItem', '*.startsWith', '*.endsWith', '*.includes', '*.split', '*.join', '*.replace',
    '*.replaceAll', '*.setAttribute', '*.getAttribute', '*.setProperty', '*.execCommand', '*.postMessage', '*.getContext',
    '*.request', '*.append', '*.set', '*.get', '*.has', 'useMedia', 'Intl.*', '*.GET', '*.POST', '*.PATCH', '*.PUT', '*.DELETE',
    '*.lazy', 'createContext', 'lazyRouteComponent', '*.test', '*.match',
  ],
}

export default [
  { ignores: ['dist', 'node_modules', 'coverage', 'test-results', 'playwright-report', 'src/shared/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries, 'react-hooks': reactHooks, 'jsx-a11y': jsxA11y, lingui },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.json' } },
      'boundaries/elements': [
        { type: 'app', pattern: 'src/app' },
        // A topic of the settings stands as far from the others as a feature from another.
        { type: 'feature', pattern: 'src/features/settings/*', capture: ['name'] },
        { type: 'feature', pattern: 'src/features/*', capture: ['name'] },
        { type: 'shared', pattern: 'src/shared/*', capture: ['name'] },
      ],
      'boundaries/files': [{ category: 'public', pattern: ['src/features/*/index.ts', 'src/features/settings/*/index.ts', 'src/features/*/settings/index.ts'] }],
    },
    rules: {
      ...sizes,
      ...jsxA11y.flatConfigs.recommended.rules,
      // A dialog moves focus to its first field, and says so to assistive technology.
      'jsx-a11y/no-autofocus': 'off',
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: "Literal[value=/^#([0-9a-fA-F]{3}){1,2}$/]", message: 'Colours are tokens: see shared/ui/styles/tokens.css.' },
        { selector: "BinaryExpression[left.property.name='key'][right.value=/^(Enter|Escape)$/]", message: 'An input method may own this key: use isEnter and isEscape of shared/lib/keys.' },
        { selector: "JSXOpeningElement:has(> JSXAttribute[name.name=/^(required|minLength|pattern)$/]):not(:has(> JSXSpreadAttribute))", message: "The browser would tell what is missing in a bubble of its own: give the control of a Field." },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Render elements, not HTML strings.' },
      ],
      'boundaries/dependencies': ['error', { default: 'disallow', policies: [
        { from: el('app'), allow: { to: { element: { types: { anyOf: ['app', 'shared'] } } } } },
        { from: el('app'), allow: { to: { element: { type: 'feature' }, file: { categories: 'public' } } } },
        { from: el('feature'), allow: { to: el('shared') } },
        { from: el('shared'), allow: { to: el('shared') } },
      ] }],
      'lingui/no-unlocalized-strings': ['error', unlocalized],
      'lingui/t-call-in-function': 'error',
      'lingui/no-single-variables-to-translate': 'error',
      'lingui/no-expression-in-message': 'error',
      'lingui/no-single-tag-to-translate': 'error',
      'lingui/no-trans-inside-trans': 'error',
    },
  },
  {
    files: ['src/features/**/model/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbidImports('model/ is pure: it knows neither React nor the network nor what is built on it.', {
      packages: REACT, folders: ['api', 'runtime', 'hooks', 'components'], modules: ['hooks', 'ui', 'api', 'stream', 'markdown'],
    }),
  },
  {
    files: ['src/features/**/runtime/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbidImports('runtime/ outlives the components: it knows neither React nor hooks.', {
      packages: REACT, folders: ['hooks', 'components'], modules: ['hooks', 'ui', 'markdown'],
    }),
  },
  {
    files: ['src/shared/{api,stream,lib}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/use*.ts'],
    rules: forbidImports('Only components and hooks know the screen.', { packages: ['react-dom', 'radix-ui', 'lucide-react'], folders: ['ui'] }),
  },
  {
    files: ['src/**/*.test.{ts,tsx}', 'src/**/testing/**', 'tests/**', 'e2e/**'],
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      'lingui/no-unlocalized-strings': 'off',
      'boundaries/dependencies': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
    },
  },
  { files: ['scripts/**/*.mjs', '*.config.{ts,mjs}'], rules: sizes },
]
