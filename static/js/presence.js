// Presence: who is active, on avatars and in the header. While Redis is down the styles hide all of
// it (banner.css).
import { lastActive } from './dates.js'

// trackPresence applies presence events. Changes that a page missed while it had no stream come
// with the list, which is fetched again; the header then copies the list.
export function trackPresence(source) {
  const show = (person, presence, seen) => {
    for (const el of document.querySelectorAll('[data-person="' + person + '"]')) {
      if (el.matches('.avatar')) {
        el.dataset.presence = presence
        continue
      }
      if (seen) el.dataset.seen = seen
      else delete el.dataset.seen
      el.textContent = presence === 'online' ? 'Active now' : ''
    }
    say()
  }
  // say writes how long ago people were active, which changes by itself.
  const say = () => {
    for (const el of document.querySelectorAll('[data-person][data-seen]')) {
      const text = lastActive(new Date(el.dataset.seen))
      if (el.textContent !== text) el.textContent = text
    }
  }
  setInterval(say, 6e4)
  document.addEventListener('pane:show', say)
  document.addEventListener('visibilitychange', say)
  source.addEventListener('presence', ({ data }) => {
    const { person, presence, last_seen } = JSON.parse(data)
    show(person, presence, last_seen)
  })
  let reconnected = false
  source.addEventListener('ready', () => {
    if (reconnected) document.body.dispatchEvent(new Event('news'))
    reconnected = true
  })
  addEventListener('htmx:load', () => {
    const listed = document.querySelector('.conversation[aria-current] .avatar')?.dataset
    if (listed?.person && document.querySelector('.header .avatar')?.dataset.presence !== listed.presence) {
      show(listed.person, listed.presence ?? 'unknown')
    }
  })
}
