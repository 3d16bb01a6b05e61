/** Sources of tools in the settings, with texts of their own: few people come here, and everybody loads the shell. */
import { addCatalogue } from '@/shared/i18n'

const texts = {
  en: () => import('@/shared/i18n/catalogues/sources/en.po'),
  'pt-BR': () => import('@/shared/i18n/catalogues/sources/pt-BR.po'),
}

export async function loadSources() {
  const [parts] = await Promise.all([import('./components/SourceSection'), addCatalogue(texts)])
  return parts
}
