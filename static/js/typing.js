// Typing: the other person is notified that the viewer types, without the text.
import { request } from './request.js'

// writing says who writes in a group, by the name beside their messages.
const writing = (pane, person) =>
  (pane.querySelector(`.message[data-sender="${person}"] > .by`)?.textContent ?? 'Somebody') + ' is writing'

// shareTyping posts that the viewer types, at most every 3 s, and shows that the other person does.
// The page has the element #typing only if the viewer shares it. It takes the box of a
// ConversationPage.
export function shareTyping(box, { id: conversation, me, pane, source, signal }) {
  const typing = pane.querySelector('#typing')
  if (!typing) return
  let reported = 0
  box.addEventListener('input', () => {
    if (!box.value || Date.now() - reported < 3e3) return
    reported = Date.now()
    request('/conversations/' + conversation + '/typing', {}).catch(() => {})
  })

  if (!source) return
  let writer = null
  let timer = 0
  const show = person => {
    const log = typing.closest('.log')
    const { scrollTop } = log
    const { offsetHeight } = typing
    writer = person
    if (person && 'group' in typing.dataset) typing.lastChild.data = writing(pane, person)
    typing.hidden = !person
    if (scrollTop < -40) log.scrollTop = scrollTop + offsetHeight - typing.offsetHeight // the text in view doesn't move
  }
  source.addEventListener('typing', ({ data }) => {
    const { conversation_id, person } = JSON.parse(data)
    if (conversation_id !== conversation || person === me) return
    show(person)
    clearTimeout(timer)
    timer = setTimeout(show, 6e3)
  }, { signal })
  source.addEventListener('message', ({ data }) => data.includes('data-sender="' + writer + '"') && show(), { signal })
}
