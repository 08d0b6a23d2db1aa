// Composer: the message box. Enter sends and Shift+Enter breaks the line; on a touch screen Enter
// breaks the line. A sent message is shown at once, with its state.
import { Outbox, clientID, describeFailure, remaining } from './outbox.js'
import { row, setReceipt } from './rows.js'
import { request } from './request.js'
import { localize } from './dates.js'

// startComposer wires the form of a ConversationPage. It returns sent(client), to be called when a
// message was received by another way than its answer, and isIdle().
export function startComposer(form, page) {
  const box = form.elements.body
  const foot = form.querySelector('.foot')
  const [error, counter] = foot.children

  const send = async ({ el, client, body, returned }) => {
    if (!navigator.onLine) {
      setReceipt(el, 'pending', 'Waiting for a connection')
      await new Promise(done => addEventListener('online', done, { once: true }))
      setReceipt(el, 'sending')
    }
    try {
      const fields = { body, client_id: client, draft: form.elements.draft.value, returned }
      const answer = await request(form.getAttribute('action'), fields)
      if (!answer.ok) return describeFailure(answer)
      page.addAnswer(await answer.text())
    } catch {
      return describeFailure(null)
    }
  }
  const outbox = new Outbox(send, ({ el }, state, failure) => {
    setReceipt(el, state, state === 'pending' ? 'Waiting' : failure?.text)
    const actions = el.querySelector('.actions')
    actions.hidden = !failure
    if (failure) actions.firstElementChild.textContent = failure.retryText
  })

  const createRow = (client, body) => {
    const el = page.pane.querySelector('#row').content.firstElementChild.cloneNode(true)
    el.querySelector('p').textContent = body
    el.querySelector('time').dateTime = new Date().toISOString()
    localize(el)
    const actions = el.querySelector('.actions')
    const [retry, remove] = actions.children
    retry.onclick = () => outbox.retry()
    remove.onclick = () => {
      page.removeUnsent(client)
      outbox.remove(client)
      box.dispatchEvent(new Event('removed'))
    }
    actions.onclick = () => box.focus()
    return { ...row(el), client, body, id: null }
  }

  // renewID also runs on pageshow, because the browser may have restored the form with the previous
  // id.
  const renewID = () => { form.elements.client_id.value = clientID() }

  const check = () => {
    const left = remaining(box.value)
    if (!box.value) form.elements.returned.value = '' // a deleted text dismisses no returned message
    const over = left < 0
    box.ariaInvalid = over
    error.textContent = over ? 'Too long to send. Nothing is lost: it stays here.' : ''
    counter.textContent = over ? -left + ' too many' : left + ' characters left'
    counter.classList.toggle('over', over)
    counter.ariaLive = left < 50 ? 'polite' : 'off'
    foot.hidden = left >= 200
    return !over
  }

  form.onsubmit = event => {
    event.preventDefault()
    if (!check() || !box.value.trim()) return
    const row = createRow(form.elements.client_id.value, box.value)
    row.returned = form.elements.returned.value
    box.value = ''
    renewID()
    check()
    page.addUnsent(row)
    outbox.push(row)
    box.focus()
  }
  submitOnEnter(box)
  box.oninput = check
  addEventListener('pageshow', renewID, { signal: page.signal })
  addEventListener('beforeunload', event => {
    const { stopped, items } = outbox
    // A post under way continues without the page; other items would be lost.
    if (stopped || items[+navigator.onLine]) event.preventDefault()
  }, { signal: page.signal })
  const sent = client => {
    outbox.remove(client)
    if (client !== form.elements.client_id.value) return
    box.dispatchEvent(new Event('spent'))
    check()
  }
  return { sent, isIdle: () => !box.value && !outbox.items[0] }
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
