// Main: starts what a first interaction needs, once for the frame of a page and for each pane. It runs
// after htmx and its extension, before either processes the page. frame.js has the rest.
import { localize, watchDay } from './dates.js'
import { startStream } from './stream.js'
import { startConversation } from './conversation.js'
import { withRetry } from './timing.js'
import { Panes } from './panes.js'
import { startOutbox, watchSession } from './session.js'

const { body } = document
const streamURL = document.querySelector('[sse-connect]')?.getAttribute('sse-connect')
const tabs = body.dataset.session + streamURL
const source = streamURL ? startStream(streamURL, tabs) : null
const outbox = startOutbox(body.dataset.me, source)
const pages = new Map() // the conversation of each pane that has one
const isIdle = () => [...pages.values()].every(page => page.isIdle())

// frame is the second bundle. Nothing here waits for it.
const frame = new Promise(done => {
  withRetry(() => import('/static/frame.js').then(done))() // with the hash that the build adds
})
frame.then(({ startFrame }) => startFrame({ source, tabs, outbox }))

watchSession(source, outbox, isIdle)
localize(document)
for (const name of ['htmx:load', 'htmx:afterSwap']) addEventListener(name, ({ target }) => localize(target))
watchDay(() => {
  localize(document)
  for (const page of pages.values()) page.redate()
})

// startPane starts what a pane needs, until the signal is aborted.
function startPane(pane, signal) {
  // The cookie says that the script posts read marks, so that loading a page doesn't count as
  // reading it.
  document.cookie = 'parley-script=1;path=/;max-age=86400'
  localize(pane)
  if (pane.querySelector('#messages')) {
    pages.set(pane, startConversation(pane, source, outbox, signal))
    signal.addEventListener('abort', () => pages.delete(pane))
  }
  frame.then(({ startPaneExtras }) => signal.aborted || startPaneExtras(pane, pages.get(pane)))
  if (pane !== firstPane) globalThis.htmx?.process(pane)
}

const firstPane = document.getElementById('pane')
const panes = firstPane && new Panes(startPane)

// Styles of other panes, which a conversation's page doesn't wait for.
addEventListener('load', () => document.getElementById('sheet')?.setAttribute('rel', 'stylesheet'))

if (source) {
  if (globalThis.htmx) htmx.createEventSource = () => source
  for (const name of ['request', 'friend', 'ready', 'resync']) {
    source.addEventListener(name, () => body.dispatchEvent(new Event('friends')))
  }
  source.addEventListener('ready', () => {
    panes?.retry()
    // The page fetches what came since its copy was made.
    for (const note of document.querySelectorAll('.old-copy')) note.remove()
  })
  // A friendship that begins or ends, or a role in a group, changes whether one may write, and the
  // settings of a group its header. Words in a box keep its pane.
  for (const name of ['friend', 'member', 'conversation']) {
    source.addEventListener(name, ({ data }) => {
      const { pane } = panes?.current ?? {}
      if (name === 'conversation' && !pane?.querySelector('ol.group')) return
      panes?.forget()
      if (pane?.dataset.current && data.includes(pane.dataset.current) && isIdle()) panes.reload()
    })
  }
  // At most one reload in 30 s, in case two releases disagree.
  source.addEventListener('reload', () => setInterval(() => {
    if (isIdle() && performance.now() > 3e4) location.reload()
  }, 1e3), { once: true })
}
