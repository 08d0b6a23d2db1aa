// Returned: the viewer's messages that were sent and couldn't be stored. They have a list of their
// own until they are sent again, removed, or stored after all.
import { localize } from './dates.js'

// resendReturned makes "Send again" append a returned message's text to the composer.
export function resendReturned(log, { elements: { body, returned } }) {
  log.addEventListener('click', event => {
    const { target } = event
    if (target.name !== 'again') return
    event.preventDefault()
    body.value += (body.value && '\n') + target.closest('li').querySelector('p').textContent
    returned.value += ' ' + target.value
    body.dispatchEvent(new Event('input'))
    body.focus()
  })
}

// updateReturned replaces the list with an answer's. An equal list stays, because a button in it
// may have the focus.
export function updateReturned(pane, answered) {
  const list = pane.querySelector('#returned')
  if (!answered) return
  localize(answered)
  if (answered.isEqualNode(list)) return
  list.replaceWith(answered)
  globalThis.htmx?.process(answered)
}
