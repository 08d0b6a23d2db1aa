// Drafts: the server keeps the text in the composer.
import { clientID } from './outbox.js'
import { coalesce } from './timing.js'
import { request } from './request.js'

// saveDrafts posts the box's text one second after the last input, and when the page or its pane is
// left.
export function saveDrafts(box, { url, pane, signal }) {
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
    const id = client.value
    const answer = await request(url + '/draft', { body, client_id: id }).catch(() => null)
    if (answer?.status === 409) {
      if (client.value === id) await goOn() // else this page sent it
    } else if (!answer?.ok) saved = null
  }

  // goOn gives the box another client id, because a message with the present one was sent from
  // another page or device, and saves its words under that.
  const goOn = () => {
    client.value = clientID()
    draft.value = ''
    saved = box.value && null
    return post()
  }
  const save = coalesce(post)

  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(save, 1e3)
  })
  box.addEventListener('spent', () => { // the message of this box was sent elsewhere
    if (box.value === (saved ?? box.defaultValue)) box.value = ''
    goOn()
  })
  box.addEventListener('removed', () => { // a removed message leaves no draft
    saved = null
    save()
  })
  box.addEventListener('change', save) // a click on a link may follow
  addEventListener('pagehide', post, { signal })
  // The list shows a draft in the row of a conversation that isn't open.
  pane.addEventListener('pane:hide', async () => {
    if (!box.value && !draft.value) return
    await post()
    document.body.dispatchEvent(new Event('news'))
  })
  // After the composer's own pageshow handler, which renews the id.
  addEventListener('pageshow', () => { if (box.value && draft.value) client.value = draft.value }, { signal })
  // The server deletes the draft of a sent message.
  box.form.addEventListener('submit', () => { if (!box.value) saved = '' })
}
