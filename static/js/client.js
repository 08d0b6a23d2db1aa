// Client: what a page starts. It runs after htmx and its extension, before either looks at the page.
import { say } from './times.js'
import { follow } from './live.js'
import { converse } from './conversation.js'

const connect = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const source = connect ? follow(connect, document.body.dataset.session + connect) : null
const list = document.getElementById('messages')
const idle = list ? converse(list, source) : () => true
say(document)
addEventListener('htmx:load', ({ target }) => say(target))
addEventListener('load', () => navigator.serviceWorker?.register('/worker.js').catch(() => {})) // for the offline page alone
document.cookie = 'parley-script=1;path=/;max-age=3600' // read marks come from here, not from the loading of a page

if (source) {
  if (globalThis.htmx) htmx.createEventSource = () => source
  for (const name of ['message', 'stored', 'read']) source.addEventListener(name, () => document.body.dispatchEvent(new Event('news')))
  source.addEventListener('signout', () => location.assign('/signin'))
  source.addEventListener('reload', () => setInterval(() => {
    if (idle() && performance.now() > 3e4) location.reload() // at most twice a minute, should two releases disagree
  }, 1e3), { once: true })
}
