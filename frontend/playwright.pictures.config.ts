import base from './playwright.config'

/** Takes pictures instead of proving things: `npm run pictures` writes docs/images from the real server. */
export default { ...base, testMatch: '**/*.pictures.ts', timeout: 180_000, use: { ...base.use, trace: 'off' as const } }
