// Writing: what is typed is kept by the server as a draft, and the other person is told that one writes (not what).
import { once } from './timing.js'
import { request } from './request.js'

// write serves the composer's box, in the conversation of the list; source may be null.
export function write(box, list, source) {
  const { client_id: client, draft } = box.form.elements
  const { conversation, me } = list.dataset
  const url = '/conversations/' + conversation
  const typing = document.getElementById('typing') // absent unless the viewer shows it
  let kept = box.defaultValue
  let told = 0
  let timer = 0
  let writer = null

  box.selectionStart = box.value.length // else one would go on before it
  // A draft goes under the client id that its message will have: the server knows one that comes after its message.
  const post = async () => {
    const body = box.value
    if (body === kept) return
    kept = body
    draft.value = body && client.value
    const answer = await request(url + '/draft', { body, client_id: client.value }).catch(() => null)
    if (!answer?.ok) kept = null
  }
  const save = once(post)

  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(save, 1e3)
    if (!typing || !box.value || Date.now() - told < 3e3) return
    told = Date.now()
    request(url + '/typing', {}).catch(() => {})
  })
  box.addEventListener('removed', () => { // what couldn't be sent isn't wanted
    kept = null
    save()
  })
  box.addEventListener('change', save) // a link is about to be followed, perhaps
  addEventListener('pagehide', post)
  addEventListener('pageshow', () => { if (box.value && draft.value) client.value = draft.value }) // after the composer's own
  box.form.addEventListener('submit', () => { if (!box.value) kept = '' }) // what was sent, the server forgets by itself

  if (!typing || !source) return
  const show = person => {
    const { scrollTop } = typing.closest('.log')
    const { offsetHeight } = typing
    writer = person
    typing.hidden = !person
    if (scrollTop < -40) typing.closest('.log').scrollTop = scrollTop + offsetHeight - typing.offsetHeight // what is read stays in its place
  }
  let hide = 0
  source.addEventListener('typing', ({ data }) => {
    const { conversation_id, person } = JSON.parse(data)
    if (conversation_id !== conversation || person === me) return
    show(person)
    clearTimeout(hide)
    hide = setTimeout(show, 6e3)
  })
  source.addEventListener('message', ({ data }) => data.includes('data-sender="' + writer + '"') && show())
}
