/** Unpacks Chromium with the libraries and fonts that it needs, and prints the program that starts it. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packed = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', '..', 'bin')
const home = fileURLToPath(new URL('./node_modules/.chromium', import.meta.url))
const program = join(home, 'coda-chromium')

if (!existsSync(program)) await unpack()
process.stdout.write(program)

async function unpack() {
  const draft = `${home}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  // The package unpacks into the folder for temporary files, wherever that is.
  process.env['TMPDIR'] = draft
  const { inflate } = await import('@sparticuz/chromium')
  await Promise.all(['chromium', 'fonts.tar', 'swiftshader.tar', 'al2023.tar'].map((name) => inflate(join(packed, `${name}.br`))))
  writeFileSync(join(draft, 'fonts', 'fonts.conf'), fontsConf())
  writeFileSync(join(draft, 'coda-chromium'), launcher())
  chmodSync(join(draft, 'coda-chromium'), 0o755)
  rmSync(home, { recursive: true, force: true })
  renameSync(draft, home)
}

/** The fonts that came along, and the machine's own. */
function fontsConf() {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${home}/fonts-cache</cachedir>
</fontconfig>
`
}

function launcher() {
  return `#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="$here/al2023/lib"
export FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
`
}
