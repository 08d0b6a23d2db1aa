// Conversation events: what a conversation's page does with the events of the stream.
import { parse } from './html.js'
import { rows } from './rows.js'

// followEvents applies events to a ConversationPage. A page without the newest message applies
// marks only.
export function followEvents(page, source) {
  const { id, marks, me, order } = page
  const on = (kind, apply) => source.addEventListener(kind, ({ data }) => {
    const event = JSON.parse(data || '{}')
    if ((event.conversation_id ?? id) !== id) return
    apply(event)
    page.render()
  }, { signal: page.signal })
  const fetch = () => page.newest && page.fetch()
  on('ready', fetch)
  on('resync', event => {
    if (event.conversation_id) order.suspectPending() // a row on this page may be wrong
    fetch()
  })
  on('returned', ({ message: { id, client_id } }) => {
    order.rows.delete(id)
    page.composer?.sent(client_id)
    fetch()
  })
  on('stored', event => page.newest && order.applyStored(event) && page.fetch())
  for (const kind in marks.others) {
    on(kind, ({ person, seq }) => {
      if (person === me) marks.reported[kind] = Math.max(marks.reported[kind], seq)
      else marks.advance({ [kind]: seq })
    })
  }
  source.addEventListener('message', ({ data }) => {
    const here = rows(parse(data)).filter(row => row.el.dataset.conversation === id)
    const fresh = (page.newest ? page.add(here) : here).filter(row => row.sender !== me)
    for (const { el } of fresh) el.classList.add('live')
    page.read(fresh)
    page.count(fresh.filter(row => !row.system).length)
    page.render()
  }, { signal: page.signal })
}
