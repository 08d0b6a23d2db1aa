// Client: what a page starts. It runs after htmx and its extension, before either looks at the page.
import { say } from './times.js'
import { follow } from './live.js'
import { converse } from './conversation.js'
import { tellZone } from './zone.js'
import { watchSaving } from './saving.js'
import { openDialogs } from './dialog.js'
import { toasting } from './toast.js'

const connect = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const source = connect ? follow(connect, document.body.dataset.session + connect) : null
const list = document.getElementById('messages')
const idle = list ? converse(list, source) : () => true
tellZone(document.body)
watchSaving(document.body)
openDialogs(document.body)
say(document)
addEventListener('htmx:load', ({ target }) => say(target))
document.cookie = 'parley-script=1;path=/;max-age=3600' // read marks come from here, not from the loading of a page

if (source) {
  toasting(document.querySelector('.toasts'))
  if (globalThis.htmx) htmx.createEventSource = () => source
  const tell = (what, ...names) => names.forEach(name => source.addEventListener(name, () => document.body.dispatchEvent(new Event(what))))
  tell('news', 'message', 'stored', 'read', 'friend')
  tell('friends', 'request', 'friend', 'ready', 'resync')
  source.addEventListener('friend', ({ data }) => {
    if (list && data.includes(list.dataset.conversation) && idle()) location.reload() // one may write now, or no longer
  })
  source.addEventListener('signout', () => setTimeout(() => location.assign('/signin'), 1e3)) // a form that ends the session leads on by itself
  source.addEventListener('reload', () => setInterval(() => {
    if (idle() && performance.now() > 3e4) location.reload() // at most twice a minute, should two releases disagree
  }, 1e3), { once: true })
}
