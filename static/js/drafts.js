// Drafts: the text in the composer is kept in this browser at each input, and by the server a
// second after the last one. The browser forgets its copy when the server has the same text.
import { clientID } from './outbox.js'
import { coalesce, withRetry } from './timing.js'
import { request } from './request.js'

const maxDraftBytes = 16e3 // of a draft that the server keeps

// fitsServer tells whether the server keeps so long a draft.
export const fitsServer = text => new TextEncoder().encode(text).length <= maxDraftBytes

// isNewer tells whether a kept draft is to be shown in place of the server's {body, at}: the browser
// knows the server's (it comes from this browser or was the text before), or it is older.
export const isNewer = (kept, server) =>
  kept.body !== server.body && (kept.known.includes(server.body) || kept.at > server.at)

// saveDrafts keeps the text of a ConversationPage's box, and posts it also when the page or its pane
// is left. It returns when what was kept is shown.
export function saveDrafts(box, { url, id, me, source, outbox, pane, signal }) {
  const { client_id: client, draft, returned } = box.form.elements
  const { store } = outbox
  const key = { person: me, conversation: id }
  let saved = box.defaultValue // what the server has
  let known = [saved] // what it may have
  let timer = 0

  const end = () => { box.selectionStart = box.value.length } // typing continues after the draft
  const write = () => outbox.cleared || store.put('drafts', {
    ...key, client: client.value, body: box.value, returned: returned.value, at: Date.now(), known,
  })
  const keep = () => restored.then(write)
  const forget = () => restored.then(() => store.delete('drafts', key))

  // A draft has the client id of its future message, so the server recognizes a draft that arrives
  // after its message.
  const post = async () => {
    const body = box.value
    if (body === saved || !fitsServer(body)) return
    known.push(body)
    draft.value = body && client.value
    const id = client.value
    saved = body
    const answer = await request(url + '/draft', { body, client_id: id }).catch(() => null)
    if (answer?.status === 409) {
      if (client.value === id) await goOn() // else this page sent it
    } else if (!answer?.ok) {
      saved = null
      if (!(answer?.status < 500) || answer.status === 429) throw answer // it may succeed later
    } else if (client.value === id) {
      known = [body]
      if (box.value === body) forget()
      else keep()
    }
  }

  // goOn gives the box another client id, because a message with the present one was sent from
  // another page or device, and saves its words under that.
  const goOn = () => {
    client.value = clientID()
    draft.value = ''
    saved = box.value && null
    if (box.value) keep()
    else forget()
    return post()
  }
  const save = withRetry(coalesce(post))

  box.addEventListener('input', () => {
    keep()
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
  addEventListener('online', save, { signal })
  source?.addEventListener('ready', save, { signal })
  addEventListener('pagehide', () => post().catch(() => {}), { signal })
  // The list shows a draft in the row of a conversation that isn't open.
  pane.addEventListener('pane:hide', async () => {
    if (!box.value && !draft.value) return
    await save()
    document.body.dispatchEvent(new Event('news'))
  })
  // After the composer's own pageshow handler, which renews the id.
  addEventListener('pageshow', () => { if (box.value && draft.value) client.value = draft.value }, { signal })
  // The server deletes the draft of a sent message.
  box.form.addEventListener('submit', () => {
    if (box.value) return
    saved = ''
    forget()
  })

  // What was typed here and isn't kept by the server comes back, before what is typed meanwhile.
  const restore = async () => {
    const kept = (await store.all('drafts', me)).find(({ conversation }) => conversation === id)
    if (!kept) return
    const isSent = outbox.find(kept.client) || outbox.gone.has(kept.client)
    if (isSent || !isNewer(kept, { body: saved ?? '', at: +draft.dataset.at || 0 })) return store.delete('drafts', key)
    known = [...kept.known, ...known]
    client.value = kept.client
    draft.value = kept.client
    returned.value = kept.returned
    box.value = kept.body + box.value.slice(box.defaultValue.length)
    box.dispatchEvent(new Event('restored'))
    end()
    write()
    save()
  }

  end()
  const restored = restore()
  return restored
}
