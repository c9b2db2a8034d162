// Opens the pages of a fleet in Chromium, light and dark, on a desk and on a phone; holds each against axe-core; ends with 1
// when a console has an error or axe finds something serious. Pictures go into docs/img.
//   node look.mjs DIRECTORY ADDRESS-OF-THE-PAGE ADDRESS-OF-TEMPORAL
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [directory, page, temporal] = process.argv.slice(2)
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const desk = { width: 1120, height: 900 }
const phone = { width: 360, height: 760 }

// The pages that are looked at; those with a name are kept as pictures, of the views named.
const model = (name, locale) => `/model/${name}?locale=${locale}`
const looks = [
  { path: '/', keep: { 'fleet-light': ['light', desk], 'fleet-dark': ['dark', desk], 'fleet-phone': ['light', phone] } },
  { path: '/?show=needs&q=radio' },
  { path: model('support-calls', 'en-US'), keep: { 'model': ['light', desk] } },
  { path: model('broker-desk', 'en-GB') },
  { path: model('claims-hotline', 'en-US') },
  { path: model('radiology', 'de-DE') },
  { path: model('night-desk', 'en-US') },
  { path: '/model/field-service', status: 404 },
  { path: 'run of radiology', follow: [model('radiology', 'de-DE'), '.facts a[href^="/run/"]'], keep: { 'run': ['light', desk] } },
  { path: 'run of support-calls', follow: [model('support-calls', 'en-US'), '.facts a[href^="/run/"]'] },
  { path: '/calendar', settle: 'table caption', keep: { 'calendar': ['dark', desk] } },
  { path: '/nothing', status: 404 },
]

mkdirSync(directory, { recursive: true })
const profile = mkdtempSync(join(tmpdir(), 'screens-'))
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, bypassCSP: false,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--hide-scrollbars', '--disable-lcd-text'],
})
let wrong = 0
const tell = (what) => { wrong++; console.error('  WRONG ' + what) }

for (const look of looks) {
  for (const [scheme, size] of [['light', desk], ['dark', desk], ['light', phone], ['dark', phone]]) {
    const tab = await browser.newPage()
    await tab.setViewportSize(size)
    await tab.emulateMedia({ colorScheme: scheme })
    const where = `${look.path} ${scheme} ${size.width}`
    tab.on('console', (m) => { if (m.type() === 'error' && !(look.status && m.text().includes(String(look.status)))) tell(`${where}: console: ${m.text()}`) })
    tab.on('pageerror', (e) => tell(`${where}: ${e.message}`))
    tab.on('requestfailed', (r) => tell(`${where}: ${r.url()} failed`))
    tab.on('request', (r) => { if (!r.url().startsWith(page)) tell(`${where}: asks for ${r.url()}`) })
    let answer
    if (look.follow) {
      await tab.goto(page + look.follow[0])
      ;[answer] = await Promise.all([tab.waitForNavigation(), tab.click(look.follow[1])])
    } else {
      answer = await tab.goto(page + look.path)
      for (let i = 0; look.settle && i < 20 && !(await tab.$('#money-table')); i++) {
        await tab.waitForTimeout(1500)
        answer = await tab.reload()
      }
    }
    if (answer.status() !== (look.status ?? 200)) tell(`${where}: answered ${answer.status()}`)
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) tell(`${where}: ${wide} pixels wider than the screen`)
    // Evaluated by the debugger, which the page's policy does not bind.
    const found = await tab.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`)
    for (const v of found.violations) {
      const line = `${where}: axe ${v.impact} ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`
      if (v.impact === 'serious' || v.impact === 'critical') tell(line)
      else console.log('  note ' + line)
    }
    for (const [name, [s, z]] of Object.entries(look.keep ?? {})) {
      if (s === scheme && z === size) await tab.screenshot({ path: join(directory, name + '.png'), fullPage: z === desk, clip: z === desk ? { x: 0, y: 0, width: desk.width, height: 1300 } : undefined })
    }
    if (process.env.ALL) await tab.screenshot({ path: join(process.env.ALL, where.replace(/[^a-z0-9]+/gi, '-') + '.png'), fullPage: true })
    await tab.close()
    console.log(where)
  }
}

if (temporal) console.log("Temporal's web UI: " + temporal)
await browser.close()
rmSync(profile, { recursive: true, force: true })
console.log(wrong ? `${wrong} things are wrong` : 'nothing is wrong')
process.exit(wrong ? 1 : 0)
