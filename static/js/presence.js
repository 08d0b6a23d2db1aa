// Presence: who is active, on avatars and in the header. While nobody can tell, the styles hide all of it (banner.css).

// attend keeps it as the events say. What was missed while there was no stream, the list knows, which is fetched anew; the header follows it.
export function attend(source) {
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
  let before = false
  source.addEventListener('ready', () => {
    if (before) document.body.dispatchEvent(new Event('news'))
    before = true
  })
  addEventListener('htmx:load', () => {
    const listed = document.querySelector('.conversation[aria-current] .avatar')?.dataset
    if (listed?.person && document.querySelector('.header .avatar')?.dataset.presence !== listed.presence) {
      show(listed.person, listed.presence ?? 'unknown')
    }
  })
}
