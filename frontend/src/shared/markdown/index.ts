export { Markdown, preloadMarkdown, useMarkdownReady } from './Markdown'
