// News: how much is new, said by the title and the icon, and the list, which htmx fetches when body hears "news".
import { seldom } from './timing.js'

// titled is a title that begins with how much is new.
export const titled = (title, n) => (n ? `(${n}) ${title}` : title)

// sum is how much is new: what the server counted, what came since, and, unless one is looking at it, what is new in the open conversation.
export const sum = ({ unread, requests, here = 0 }, came, looking) => Math.max(0, unread - (looking ? here : 0)) + +requests + came

// news follows the stream; me is the viewer's id. The list is fetched only for those who see it: a hidden page counts by itself, until it is shown.
export function news(source, me) {
  const icon = document.querySelector('link[rel=icon]')
  const calm = sum(document.getElementById('counts').dataset, 0, true)
  const title = document.title.slice(titled('', calm).length)
  const icons = [icon.getAttribute('href'), icon.dataset.other]
  if (calm) icons.reverse()
  let came = 0
  let stale = false

  const show = () => {
    const n = sum(document.getElementById('counts').dataset, came, document.hasFocus())
    const said = titled(title, n)
    if (document.title === said) return
    document.title = said
    icon.href = icons[+!!n]
  }
  const refresh = seldom(1e3, () => {
    stale = false
    document.body.dispatchEvent(new Event('news'))
  })
  const changed = () => {
    if (document.hidden) stale = true
    else refresh()
  }
  const looks = () => {
    if (stale) changed()
    show()
  }

  for (const name of ['ready', 'resync', 'stored', 'returned', 'request', 'friend']) source.addEventListener(name, changed)
  source.addEventListener('read', ({ data }) => JSON.parse(data).person === me && refresh())
  source.addEventListener('message', ({ data }) => {
    if (!document.hidden || data.includes(`data-sender="${me}"`)) return
    came++
    show()
  })
  addEventListener('htmx:oobAfterSwap', ({ target }) => {
    if (target.id !== 'counts') return
    came = 0
    show()
  })
  addEventListener('focus', looks)
  addEventListener('blur', show)
  document.addEventListener('visibilitychange', looks)
  show()
}

// filter lets Escape clear the list's filter, in browsers that don't.
export function filter(input) {
  input.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !input.value) return
    event.preventDefault()
    input.value = ''
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
}
