// Unread: how much is new, in the title, the icon and the list. htmx fetches the list when body
// receives an event "news".
import { throttle } from './timing.js'

// prefixed returns a title that begins with a count, unless that is 0.
export const prefixed = (title, n) => (n ? `(${n}) ${title}` : title)

// total returns how many messages are new: the server's count and the messages since. Those of the
// open conversation don't count while the viewer looks at it. Requests have a badge of their own.
export const total = ({ unread, here = 0 }, arrived, looking) =>
  Math.max(0, unread - (looking ? here : 0)) + arrived

// mutedConversations are those that neither count nor notify, as the list said last.
let mutedConversations = ''

export const isMuted = conversation => mutedConversations.includes(conversation)

// trackUnread follows the stream; me is the viewer's id. The list is fetched for visible pages
// only: a hidden page counts messages itself until it is shown.
export function trackUnread(source, me) {
  const icon = document.querySelector('link[rel=icon]')
  let { title } = document.getElementById('pane').dataset
  const icons = [icon.getAttribute('href'), icon.dataset.other]
  if (icons[0].includes('unread')) icons.reverse()
  let arrived = 0
  let stale = false

  const show = () => {
    const counts = document.getElementById('counts').dataset
    mutedConversations = counts.muted ?? mutedConversations
    const n = total(counts, arrived, document.hasFocus())
    const text = prefixed(title, n)
    if (document.title !== text) document.title = text
    if (icon.getAttribute('href') !== icons[+!!n]) icon.href = icons[+!!n]
  }
  const refresh = throttle(1e3, () => {
    stale = false
    document.body.dispatchEvent(new Event('news'))
  })
  const changed = () => {
    if (document.hidden) stale = true
    else refresh()
  }
  const looked = () => {
    if (stale) changed()
    show()
  }

  const kinds = ['ready', 'resync', 'stored', 'returned', 'conversation', 'member', 'request', 'friend']
  for (const kind of kinds) source.addEventListener(kind, changed)
  // A row shows one's own last message with the other person's marks.
  for (const kind of ['read', 'delivered']) {
    source.addEventListener(kind, ({ data }) => (JSON.parse(data).person === me ? refresh() : changed()))
  }
  source.addEventListener('message', ({ data }) => {
    if (!document.hidden || data.includes(`data-sender="${me}"`) || data.includes('class="message system')) return
    if (isMuted(/data-conversation="([^"]+)"/.exec(data)?.[1])) return
    arrived++
    show()
  })
  addEventListener('htmx:oobAfterSwap', ({ target }) => {
    if (target.id !== 'counts') return
    arrived = 0
    show()
  })
  document.addEventListener('pane:show', ({ target: { dataset } }) => {
    title = dataset.title
    // Until the list comes again, its row knows the share of the conversation that is open now.
    const row = document.getElementById('talk-' + dataset.current)
    document.getElementById('counts').dataset.here = parseInt(row?.querySelector('.badge')?.textContent) || 0
    if (row?.querySelector('.draft, .bad')) refresh() // the open conversation's row shows the message
    show()
  })
  addEventListener('focus', looked)
  addEventListener('blur', show)
  document.addEventListener('visibilitychange', looked)
  if (source.state === '') changed() // "ready" came before this script
  show()
}
