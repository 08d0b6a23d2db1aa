// Composer: the message box. Enter sends, Shift+Enter breaks the line; what was sent is shown at once, and says what became of it.
import { Outbox, clientID, failure, room } from './outbox.js'
import { receipt, row } from './rows.js'
import { request } from './request.js'
import { say } from './dates.js'

// compose wires the form of a Talk. It returns settle(client), to be called when a message was seen elsewhere, and idle().
export function compose(form, talk) {
  const box = form.elements.body
  const foot = form.querySelector('.foot')
  const [error, counter] = foot.children

  const send = async ({ el, client, body, returned }) => {
    if (!navigator.onLine) {
      receipt(el, 'pending', 'Waiting for a connection')
      await new Promise(done => addEventListener('online', done, { once: true }))
      receipt(el, 'sending')
    }
    try {
      const answer = await request(form.getAttribute('action'), { body, client_id: client, draft: form.elements.draft.value, returned })
      if (!answer.ok) return failure(answer)
      talk.answered(await answer.text())
    } catch {
      return failure(null)
    }
  }
  const outbox = new Outbox(send, ({ el }, state, why) => {
    receipt(el, state, state === 'pending' ? 'Waiting' : why?.words)
    const actions = el.querySelector('.actions')
    actions.hidden = !why
    if (why) actions.firstElementChild.textContent = why.again
  })

  const draw = (client, body) => {
    const el = document.getElementById('row').content.firstElementChild.cloneNode(true)
    el.querySelector('p').textContent = body
    el.querySelector('time').dateTime = new Date().toISOString()
    say(el)
    const actions = el.querySelector('.actions')
    const [again, remove] = actions.children
    again.onclick = () => outbox.again()
    remove.onclick = () => {
      talk.gone(client)
      outbox.settle(client)
      box.dispatchEvent(new Event('removed'))
    }
    actions.onclick = () => box.focus()
    return { ...row(el), client, body, id: null }
  }

  // renew also serves a page that comes back, whose form the browser may have filled in as it was.
  const renew = () => { form.elements.client_id.value = clientID() }

  const check = () => {
    const left = room(box.value)
    if (!box.value) form.elements.returned.value = '' // what has been deleted isn't sent again
    const over = left < 0
    box.ariaInvalid = over
    error.textContent = over ? 'Too long to send. Nothing is lost: it stays here.' : ''
    counter.textContent = over ? -left + ' too many' : left + ' characters left'
    counter.classList.toggle('over', over)
    foot.hidden = left >= 50
    return !over
  }

  form.onsubmit = event => {
    event.preventDefault()
    if (!check() || !box.value.trim()) return
    const row = draw(form.elements.client_id.value, box.value)
    row.returned = form.elements.returned.value
    box.value = ''
    renew()
    check()
    talk.unsent(row)
    outbox.push(row)
    box.focus()
  }
  enter(box)
  box.oninput = check
  addEventListener('pageshow', renew)
  addEventListener('beforeunload', event => {
    const { stopped, items } = outbox
    if (stopped || items[+navigator.onLine]) event.preventDefault() // what is under way goes on without the page; this would be lost
  })
  return { settle: client => outbox.settle(client), idle: () => !box.value && !outbox.items[0] }
}

// enter makes Enter send. An Enter that ends an IME's composition is the IME's (Safari tells by 229 only).
export function enter(box) {
  box.onkeydown = event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    if (box.value.trim()) box.form.requestSubmit()
  }
}
