// Presence: who is active, on avatars and in the header. While nobody can tell, the styles hide all of it (banner.css).

// attend keeps it as the events say.
export function attend(source) {
  source.addEventListener('presence', ({ data }) => {
    const { person, presence, last_seen } = JSON.parse(data)
    for (const el of document.querySelectorAll('[data-person="' + person + '"]')) {
      if (el.matches('.avatar')) el.dataset.presence = presence
      else el.textContent = presence === 'online' ? 'Active now' : last_seen ? 'Active ' + last_seen : ''
    }
  })
}
