// Presence: who is active, on avatars and in the header. While Redis is down the styles hide all of
// it (banner.css).
import { daysAgo, minute } from './days.js'

// lastActive says when a person was last active: coarsely, and for one week.
// views/components/presence.go has the same rules.
export function lastActive(seen, now = new Date()) {
  const minutes = Math.floor((now - seen) / minute)
  const hours = Math.floor(minutes / 60)
  const ago = daysAgo(seen, now)
  if (minutes < 5) return 'Active a few minutes ago'
  if (minutes < 60) return `Active ${minutes - minutes % 5} minutes ago`
  if (hours === 1) return 'Active 1 hour ago'
  if (ago <= 0 || hours < 6) return `Active ${hours} hours ago`
  return ago === 1 ? 'Active yesterday' : ago < 7 ? 'Active this week' : ''
}

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
