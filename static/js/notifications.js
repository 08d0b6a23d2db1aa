// Notifications: the device's notifications of messages, while no page of Parley is visible.
// Permission is requested on the account page, once per device.
import { parse } from './html.js'
import { isMuted } from './unread.js'

const setting = 'parley-notify'
const enabled = () => window.Notification?.permission === 'granted' && localStorage[setting] === 'on'

// buttonText names what the account page's button would do. A denied permission can be changed only
// in the browser.
export function buttonText(permission, on) {
  if (permission === 'denied') return 'Notifications are blocked in this browser'
  return on ? 'Turn notifications off' : 'Turn notifications on'
}

// notifyMessages shows notifications of the stream's messages. Only the tab that holds the stream
// does, and only while no page is visible. Each visible page holds a shared lock for that; name is
// of the session and the stream.
export function notifyMessages(source, name) {
  const visible = name + '/seen'
  let release
  const updateLock = () => {
    release?.()
    release = null
    if (document.hidden) return
    const hold = () => !document.hidden && new Promise(done => { release = done })
    navigator.locks?.request(visible, { mode: 'shared' }, hold).catch(() => {}) // the page was closed while it waited
  }
  updateLock()
  document.addEventListener('visibilitychange', updateLock)

  source.addEventListener('message', async ({ data }) => {
    const row = parse(data).querySelector('.message:not(.mine, .system)')
    if (!row || isMuted(row.dataset.conversation) || !document.hidden || !source.connection || !enabled()) return
    const { held } = (await navigator.locks?.query()) ?? { held: [] }
    if (!held.some(lock => lock.name === visible)) showNotification(row)
  })
}

// showNotification replaces an earlier notification of the same conversation. The device shortens
// the text, so that no character is cut in two here.
export function showNotification(row) {
  const path = '/conversations/' + row.dataset.conversation
  const [name, body] = ['.by', 'p'].map(selector => row.querySelector(selector).textContent)
  const icon = document.querySelector('link[rel=icon]').href
  const notification = new Notification(name, { body, tag: row.dataset.conversation, icon })
  notification.onclick = () => {
    focus()
    notification.close()
    if (location.pathname !== path) location.assign(path + '#latest')
  }
}

// notificationButton makes the account page's button change the setting, and request permission.
export function notificationButton(button) {
  if (!window.Notification) return
  const update = () => {
    button.textContent = buttonText(Notification.permission, enabled())
    button.disabled = Notification.permission === 'denied'
  }
  button.hidden = false
  button.onclick = async () => {
    localStorage[setting] = enabled() ? 'off' : 'on'
    await Notification.requestPermission()
    update()
  }
  update()
}
