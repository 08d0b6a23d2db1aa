// Client: what a page starts. It runs after htmx and its extension, before either looks at the page.
import { say } from './dates.js'
import { follow } from './stream.js'
import { attend } from './presence.js'
import { converse } from './conversation.js'
import { toasting } from './toast.js'
import { tellZone } from './timezone.js'
import { watchSaving } from './autosave.js'
import { openDialogs } from './dialog.js'
import { filter, news } from './unread.js'
import { asks, notify } from './notifications.js'
import { menus } from './menu.js'

const connect = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const tabs = document.body.dataset.session + connect
const source = connect ? follow(connect, tabs) : null
const list = document.getElementById('messages')
const idle = list ? converse(list, source) : () => true
tellZone(document.body)
watchSaving(document.body)
openDialogs(document.body)
say(document)
for (const name of ['htmx:load', 'htmx:afterSwap']) addEventListener(name, ({ target }) => say(target))
menus()
const search = document.getElementById('filter')
if (search) filter(search)
const button = document.getElementById('notify')
if (button) asks(button)
addEventListener('load', () => navigator.serviceWorker?.register('/worker.js').catch(() => {})) // for the offline page alone
document.cookie = 'parley-script=1;path=/;max-age=3600' // read marks come from here, not from the loading of a page

if (source) {
  attend(source)
  toasting(document.querySelector('.toasts'))
  if (globalThis.htmx) htmx.createEventSource = () => source
  for (const name of ['request', 'friend', 'ready', 'resync']) source.addEventListener(name, () => document.body.dispatchEvent(new Event('friends')))
  source.addEventListener('friend', ({ data }) => {
    if (list && data.includes(list.dataset.conversation) && idle()) location.reload() // one may write now, or no longer
  })
  news(source, document.body.dataset.me)
  notify(source, tabs)
  source.addEventListener('signout', () => setTimeout(() => location.assign('/signin'), 1e3)) // a form that ends the session leads on by itself
  source.addEventListener('reload', () => setInterval(() => {
    if (idle() && performance.now() > 3e4) location.reload() // at most twice a minute, should two releases disagree
  }, 1e3), { once: true })
}
