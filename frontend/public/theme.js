// Sets the forced theme before the first paint, so that a dark room never flashes white.
try {
  const theme = localStorage.getItem('coda.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage can be forbidden; the system's theme then rules.
}
