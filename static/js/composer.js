// Composer: the message box. Enter sends and Shift+Enter breaks the line; on a touch screen Enter
// breaks the line. A sent message is shown at once, with its state.
import { clientID, remaining } from './outbox.js'
import { fitsServer } from './drafts.js'
import { row, setReceipt } from './rows.js'
import { localize } from './dates.js'

// startComposer wires the form of a ConversationPage. It returns sent(client), to be called when a
// message was received by another way than its answer, and isIdle().
export function startComposer(form, page) {
  const { outbox } = page
  const box = form.elements.body
  const foot = form.querySelector('.foot')
  const [error, counter] = foot.children
  const unsent = new Map() // rows by client id

  const createRow = ({ client, body, created }) => {
    const el = page.pane.querySelector('#row').content.firstElementChild.cloneNode(true)
    el.querySelector('p').textContent = body
    el.querySelector('time').dateTime = new Date(created).toISOString()
    localize(el)
    const actions = el.querySelector('.actions')
    const [retry, remove, signin] = actions.children
    retry.onclick = () => outbox.retry(client)
    remove.onclick = () => {
      outbox.remove(client, 'removed')
      box.dispatchEvent(new Event('removed'))
    }
    signin.href = '/signin?next=' + page.url
    actions.onclick = () => box.focus()
    return { ...row(el), client, id: null }
  }

  // refetch fetches a message that another page or the worker sent, unless it came otherwise.
  const refetch = async client => {
    if (!page.order.unsent.some(row => row.client === client)) return
    await page.fetch()
    page.removeUnsent(client)
  }

  // showItem shows the state of a message in its row.
  const showItem = ({ item, html }) => {
    const { client, conversation, state, text } = item
    if (conversation !== page.id) return
    if (state === 'sent' || state === 'removed') {
      unsent.delete(client)
      if (html) page.addAnswer(html)
      else if (state === 'removed') page.removeUnsent(client)
      else setTimeout(refetch, 0, client)
      return
    }
    if (!unsent.has(client)) {
      unsent.set(client, createRow(item))
      page.addUnsent(unsent.get(client))
    }
    const { el } = unsent.get(client)
    const [retry, remove, signin] = el.querySelector('.actions').children
    const kept = outbox.store.durable ? '' : '. Stay on this page until it is sent'
    const sign = { waiting: 'pending', signin: 'pending', refused: 'unsent' }[state] ?? state
    setReceipt(el, sign, state === 'waiting' ? text + kept : state === 'pending' ? 'Waiting' : text)
    retry.hidden = remove.hidden = state !== 'refused'
    signin.hidden = state !== 'signin'
    retry.parentNode.hidden = retry.hidden && signin.hidden
  }

  // renewID also runs on pageshow, because the browser may have restored the form with the previous
  // id.
  const renewID = () => { form.elements.client_id.value = clientID() }

  const check = () => {
    const left = remaining(box.value)
    if (!box.value) form.elements.returned.value = '' // a deleted text dismisses no returned message
    const over = left < 0
    box.ariaInvalid = over
    error.textContent = !over ? '' : fitsServer(box.value) ? 'Too long to send. Nothing is lost: it stays here.'
      : outbox.store.durable ? 'Too long to send. Nothing is lost: it stays here, on this device.'
        : 'Too long to send, and to keep when you leave this page.'
    counter.textContent = over ? -left + ' too many' : left + ' characters left'
    counter.classList.toggle('over', over)
    counter.ariaLive = left < 50 ? 'polite' : 'off'
    foot.hidden = left >= 200
    return !over
  }

  form.onsubmit = event => {
    event.preventDefault()
    if (!check() || !box.value.trim()) return
    const { client_id: client, draft, returned } = form.elements
    const message = { conversation: page.id, client: client.value, body: box.value, returned: returned.value }
    message.draft = draft.value === client.value
    box.value = ''
    renewID()
    check()
    outbox.push(message)
    page.log.scrollTop = 0
    box.focus()
  }
  submitOnEnter(box)
  box.oninput = check
  addEventListener('pageshow', renewID, { signal: page.signal })
  box.addEventListener('restored', check)
  outbox.addEventListener('item', showItem, { signal: page.signal })
  for (const item of outbox.of(page.id)) showItem({ item })
  const sent = client => {
    outbox.remove(client)
    if (client !== form.elements.client_id.value) return
    box.dispatchEvent(new Event('spent'))
    check()
  }
  return { sent, isIdle: () => !box.value && !outbox.of(page.id)[0] }
}

// submitOnEnter makes Enter send, and on a touch screen, whose keyboard has no Shift+Enter, only
// Enter with Ctrl or Command. An Enter that ends an IME's composition belongs to the IME; Safari
// marks it by key code 229 only.
export function submitOnEnter(box) {
  const touch = matchMedia('(pointer: coarse)')
  box.onkeydown = event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    if (touch.matches && !event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    if (box.value.trim()) box.form.requestSubmit()
  }
}
