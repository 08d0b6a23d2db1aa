// Presence: who is active, on avatars and in the header. While Redis is down the styles hide all of
// it (banner.css).

// trackPresence applies presence events. Changes that a page missed while it had no stream come
// with the list, which is fetched again; the header then copies the list.
export function trackPresence(source) {
  const show = (person, presence, seen) => {
    for (const el of document.querySelectorAll('[data-person="' + person + '"]')) {
      if (el.matches('.avatar')) el.dataset.presence = presence
      else el.textContent = presence === 'online' ? 'Active now' : seen ? 'Active ' + seen : ''
    }
  }
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
