// Main: starts everything that the frame of a page needs once, and what each pane needs. It runs
// after htmx and its extension, before either processes the page.
import { localize, watchDay } from './dates.js'
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
import { keepCopies } from './copies.js'
import { Panes } from './panes.js'
import { startOutbox, watchSession } from './session.js'

const { body } = document
const streamURL = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const tabs = body.dataset.session + streamURL
const source = streamURL ? startStream(streamURL, tabs) : null
const outbox = startOutbox(body.dataset.me, source)
const pages = new Map() // the conversation of each pane that has one
const isIdle = () => [...pages.values()].every(page => page.isIdle())

watchSession(source, outbox, isIdle)
reportTimeZone(body)
watchAutosave(body)
openDialogs(body)
localize(document)
for (const name of ['htmx:load', 'htmx:afterSwap']) addEventListener(name, ({ target }) => localize(target))
manageMenus()
watchDay(() => {
  localize(document)
  for (const page of pages.values()) page.redate()
})
const filter = document.getElementById('filter')
const conversations = document.getElementById('conversations')
if (conversations) {
  clearOnEscape(filter)
  import('/static/list.js') // with the hash that the build adds
    .then(({ manageList }) => manageList(conversations, filter, source, body.dataset.me))
    .catch(() => {})
}

// startPane starts what a pane needs, until the signal is aborted.
function startPane(pane, signal) {
  // The cookie says that the script posts read marks, so that loading a page doesn't count as
  // reading it.
  document.cookie = 'parley-script=1;path=/;max-age=86400'
  localize(pane)
  const list = pane.querySelector('#messages')
  if (list) {
    pages.set(pane, startConversation(pane, source, outbox, signal))
    signal.addEventListener('abort', () => pages.delete(pane))
  }
  const notify = pane.querySelector('#notify')
  if (notify) notificationButton(notify)
  if (pane.querySelector('#invite')) {
    import('/static/invite.js').then(({ offerLinks }) => offerLinks(pane, navigator)).catch(() => {})
  }
  if (pane !== firstPane) globalThis.htmx?.process(pane)
}

const firstPane = document.getElementById('pane')
const panes = firstPane && new Panes(startPane)

// Styles of other panes, which a conversation's page doesn't wait for.
addEventListener('load', () => document.getElementById('sheet')?.setAttribute('rel', 'stylesheet'))

keepCopies(source)

if (source) {
  trackPresence(source)
  manageToasts()
  if (globalThis.htmx) htmx.createEventSource = () => source
  for (const name of ['request', 'friend', 'ready', 'resync']) {
    source.addEventListener(name, () => body.dispatchEvent(new Event('friends')))
  }
  source.addEventListener('ready', () => panes?.retry())
  // A friendship that begins or ends changes whether one may write. Words in a box keep its pane.
  source.addEventListener('friend', ({ data }) => {
    panes?.forget()
    const { pane } = panes?.current ?? {}
    if (pane?.dataset.current && data.includes(pane.dataset.current) && isIdle()) panes.reload()
  })
  trackUnread(source, body.dataset.me)
  notifyMessages(source, tabs)
  // At most one reload in 30 s, in case two releases disagree.
  source.addEventListener('reload', () => setInterval(() => {
    if (isIdle() && performance.now() > 3e4) location.reload()
  }, 1e3), { once: true })
}
