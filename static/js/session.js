// Session: a person's words on this browser, while they are signed in and after that. They are
// removed when the person signs out. When the session ends otherwise they stay, for the same person.
import { Outbox } from './outbox.js'
import { Store } from './store.js'
import { request } from './request.js'
import { parse } from './html.js'

const signedOut = '<p class="signed-out actions" role="alert">You were signed out. Your words are kept here. ' +
  '<a class="button primary">Sign in</a></p>'

// startOutbox returns the outbox of a person. source is the page's stream, or null.
export function startOutbox(person, source) {
  const outbox = new Outbox(person, new Store())
  const run = () => outbox.run()
  outbox.connect()
  addEventListener('pagehide', () => outbox.disconnect())
  addEventListener('pageshow', event => event.persisted && outbox.connect())
  addEventListener('online', run)
  document.addEventListener('visibilitychange', () => document.hidden || run())
  source?.addEventListener('ready', run)
  source?.addEventListener('message', ({ data }) => {
    for (const { client } of outbox.items) if (data.includes(client)) outbox.remove(client, 'sent', data)
  })
  return outbox
}

// watchSession notices the end of the session. A page with words in it stays: its pane says that the
// session has ended, and links to the sign-in, which leads back. Other pages go to the sign-in.
// isIdle tells whether no pane has words.
export function watchSession(source, outbox, isIdle) {
  let ended = false
  const end = () => {
    if (outbox.cleared) return location.assign('/signin')
    const signin = '/signin?next=' + encodeURIComponent(location.pathname + location.search)
    if (isIdle() && !outbox.items[0]) return location.assign(signin)
    if (document.querySelector('.signed-out')) return
    const notice = parse(signedOut).firstChild
    notice.querySelector('a').href = signin
    const pane = document.getElementById('pane')
    ;(pane.querySelector('.composer') ?? pane).prepend(notice)
  }
  // The delay lets a form that ends the session navigate by itself.
  const endSoon = () => {
    if (!ended) setTimeout(end, 1e3)
    ended = true
  }
  source?.addEventListener('signout', endSoon)
  addEventListener('signedout', endSoon)
  addEventListener('pane:show', () => ended && end())
  addEventListener('htmx:beforeOnLoad', event => {
    if (event.detail.xhr.status !== 401) return
    event.preventDefault() // the answer would lead htmx to the sign-in at once
    endSoon()
  })

  const clear = () => {
    try { delete localStorage['parley-emoji'] } catch {} // those that the person chose lately
    return outbox.clear()
  }
  addEventListener('submit', async event => {
    const form = event.target
    if (form.action.endsWith('/account/delete')) clear()
    if (!form.action.endsWith('/signout')) return
    event.preventDefault()
    const answer = await request('/signout', {}).catch(() => null)
    if (!answer?.ok && answer?.status !== 401) return form.submit()
    await clear()
    location.assign('/')
  })
}
