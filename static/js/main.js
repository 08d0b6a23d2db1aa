// Main: starts everything that a page needs. It runs after htmx and its extension, before either
// processes the page.
import { localize } from './dates.js'
import { startStream } from './stream.js'
import { trackPresence } from './presence.js'
import { startConversation } from './conversation.js'
import { manageToasts } from './toast.js'
import { reportTimeZone } from './timezone.js'
import { watchAutosave } from './autosave.js'
import { openDialogs } from './dialog.js'
import { clearOnEscape } from './filter.js'
import { trackUnread } from './unread.js'
import { notificationButton, notifyMessages } from './notifications.js'
import { manageMenus } from './menu.js'

const streamURL = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const tabs = document.body.dataset.session + streamURL
const source = streamURL ? startStream(streamURL, tabs) : null
const list = document.getElementById('messages')
const isIdle = list ? startConversation(list, source) : () => true
reportTimeZone(document.body)
watchAutosave(document.body)
openDialogs(document.body)
localize(document)
for (const name of ['htmx:load', 'htmx:afterSwap']) addEventListener(name, ({ target }) => localize(target))
manageMenus()
const filter = document.getElementById('filter')
if (filter) clearOnEscape(filter)
const notify = document.getElementById('notify')
if (notify) notificationButton(notify)
// The service worker serves the offline page only.
addEventListener('load', () => navigator.serviceWorker?.register('/worker.js').catch(() => {}))
// The cookie says that the script posts read marks, so that loading a page doesn't count as reading it.
document.cookie = 'parley-script=1;path=/;max-age=3600'

if (source) {
  trackPresence(source)
  manageToasts(document.querySelector('.toasts'))
  if (globalThis.htmx) htmx.createEventSource = () => source
  for (const name of ['request', 'friend', 'ready', 'resync']) {
    source.addEventListener(name, () => document.body.dispatchEvent(new Event('friends')))
  }
  // A friendship that begins or ends changes whether one may write.
  source.addEventListener('friend', ({ data }) => {
    if (list && data.includes(list.dataset.conversation) && isIdle()) location.reload()
  })
  trackUnread(source, document.body.dataset.me)
  notifyMessages(source, tabs)
  // The delay lets a form that ends the session navigate by itself.
  source.addEventListener('signout', () => setTimeout(() => location.assign('/signin'), 1e3))
  // At most one reload in 30 s, in case two releases disagree.
  source.addEventListener('reload', () => setInterval(() => {
    if (isIdle() && performance.now() > 3e4) location.reload()
  }, 1e3), { once: true })
}
