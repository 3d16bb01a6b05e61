import { cx } from '../cx'

/** What everything that floats looks like. */
export const surface = cx('z-50 rounded-block border border-float-edge surface-raised text-ink shadow-menu animate-rise')

export const scrim = cx('fixed inset-0 z-40 bg-scrim animate-appear')
