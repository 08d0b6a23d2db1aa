// Returned: one's own messages that were sent and couldn't be stored, in a list of their own until they are sent again, removed, or stored after all.
import { say } from './dates.js'

// returning puts the words of one that is wanted again into the composer, behind what is there.
export function returning(log, { elements: { body, returned } }) {
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

// returned makes the list what an answer says. What is the same isn't touched: somebody may be on its buttons.
export function returned(said) {
  const list = document.getElementById('returned')
  if (!said) return
  say(said)
  if (said.isEqualNode(list)) return
  list.replaceWith(said)
  globalThis.htmx?.process(said)
}
