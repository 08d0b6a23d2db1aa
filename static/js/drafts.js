// Drafts: the server keeps the text in the composer.
import { coalesce } from './timing.js'
import { request } from './request.js'

// saveDrafts posts the box's text one second after the last input, and when the page is left. url
// is the conversation's.
export function saveDrafts(box, url) {
  const { client_id: client, draft } = box.form.elements
  let saved = box.defaultValue
  let timer = 0

  box.selectionStart = box.value.length // typing continues after the draft, not before it
  // A draft has the client id of its future message, so the server recognizes a draft that arrives
  // after its message.
  const post = async () => {
    const body = box.value
    if (body === saved) return
    saved = body
    draft.value = body && client.value
    const answer = await request(url + '/draft', { body, client_id: client.value }).catch(() => null)
    if (!answer?.ok) saved = null
  }
  const save = coalesce(post)

  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(save, 1e3)
  })
  box.addEventListener('removed', () => { // a removed message leaves no draft
    saved = null
    save()
  })
  box.addEventListener('change', save) // a click on a link may follow
  addEventListener('pagehide', post)
  // After the composer's own pageshow handler, which renews the id.
  addEventListener('pageshow', () => { if (box.value && draft.value) client.value = draft.value })
  // The server deletes the draft of a sent message.
  box.form.addEventListener('submit', () => { if (!box.value) saved = '' })
}
