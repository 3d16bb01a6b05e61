export { Markdown, preloadMarkdown } from './Markdown'
