/** Which language the screen speaks, and how its catalogues arrive. */
import type { Messages } from '@lingui/core'
import { i18n } from '@lingui/core'

// Each language is named in itself, for those who cannot read the current one.
// eslint-disable-next-line lingui/no-unlocalized-strings -- names of languages are not translated
export const LOCALES = { en: 'English', 'pt-BR': 'Português (Brasil)' } as const
export type Locale = keyof typeof LOCALES

const STORED = 'coda.locale'

type Catalogue = Record<Locale, () => Promise<{ messages: Messages }>>

const catalogues: Catalogue[] = [
  { en: () => import('./catalogues/shell/en.po'), 'pt-BR': () => import('./catalogues/shell/pt-BR.po') },
  { en: () => import('./catalogues/conversation/en.po'), 'pt-BR': () => import('./catalogues/conversation/pt-BR.po') },
]

export function isLocale(value: unknown): value is Locale {
  return typeof value === 'string' && value in LOCALES
}

/** The stored choice, else the first language of the browser that Coda speaks, else English. */
export function detectLocale(stored: string | null, wanted: readonly string[]): Locale {
  if (isLocale(stored)) return stored
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0]
    if (language === 'pt') return 'pt-BR'
    if (language === 'en') return 'en'
  }
  return 'en'
}

export async function activateLocale(locale: Locale): Promise<void> {
  const parts = await Promise.all(catalogues.map((catalogue) => catalogue[locale]()))
  i18n.loadAndActivate({ locale, messages: Object.assign({}, ...parts.map((part) => part.messages)) as Messages })
  document.documentElement.lang = locale
}

/** Texts of a screen that few open come with it, and from then on in every language that is chosen. */
export async function addCatalogue(catalogue: Catalogue): Promise<void> {
  if (!catalogues.includes(catalogue)) catalogues.push(catalogue)
  await activateLocale(i18n.locale as Locale)
}

export async function startLocale(): Promise<void> {
  await activateLocale(detectLocale(localStorage.getItem(STORED), navigator.languages))
}

export async function chooseLocale(locale: Locale): Promise<void> {
  localStorage.setItem(STORED, locale)
  await activateLocale(locale)
}
