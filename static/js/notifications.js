// Notify: the device's notifications of messages, while no page of Parley is in sight. Each device is asked once, from the account page.
import { parse } from './rows.js'

const choice = 'parley-notify'
const wanted = () => window.Notification?.permission === 'granted' && localStorage[choice] === 'on'

// say is what the button says; a choice that was made for good can't be taken back here.
export const offer = (permission, on) =>
  permission === 'denied' ? 'Notifications are blocked in this browser' : on ? 'Turn notifications off' : 'Turn notifications on'

// notify tells of messages from the stream. Of all pages exactly one does: the one that holds the stream, unless a page is in sight, which
// each of them tells by a shared lock. name is that of the session and the stream.
export function notify(source, name) {
  const seen = name + '/seen'
  let leave
  const look = () => {
    leave?.()
    leave = null
    if (!document.hidden) navigator.locks?.request(seen, { mode: 'shared' }, () => !document.hidden && new Promise(done => { leave = done })).catch(() => {}) // the page is left before its turn
  }
  look()
  document.addEventListener('visibilitychange', look)

  source.addEventListener('message', async ({ data }) => {
    const row = parse(data).querySelector('.message:not(.mine)')
    if (!row || !document.hidden || !source.stream || !wanted()) return
    const { held } = (await navigator.locks?.query()) ?? { held: [] }
    if (!held.some(lock => lock.name === seen)) tell(row)
  })
}

// tell shows one, in the place of an earlier one of the same conversation.
function tell(row) {
  const path = '/conversations/' + row.dataset.conversation
  const [name, body] = ['.by', 'p'].map(part => row.querySelector(part).textContent)
  const icon = document.querySelector('link[rel=icon]').href
  const note = new Notification(name, { body: body.slice(0, 200), tag: row.dataset.conversation, icon })
  note.onclick = () => {
    focus()
    note.close()
    if (location.pathname !== path) location.assign(path + '#latest')
  }
}

// asks makes the account page's button ask, and say what was chosen.
export function asks(button) {
  if (!window.Notification) return
  const draw = () => {
    button.textContent = offer(Notification.permission, wanted())
    button.disabled = Notification.permission === 'denied'
  }
  button.hidden = false
  button.onclick = async () => {
    localStorage[choice] = wanted() ? 'off' : 'on'
    await Notification.requestPermission()
    draw()
  }
  draw()
}
