// Stream: the stream of events. One tab of a session holds the connection and relays its events to
// the others. It reconnects by itself, not in step with other pages. After each connection the
// event "ready" makes pages fetch what they missed.
import { backoff } from './timing.js'

const eventNames =
  'ready message stored read delivered request friend presence typing returned resync mode signout reload'.split(' ')
const stateTexts = { '': 'Live', trying: 'Reconnecting', paused: 'Live updates paused', offline: 'Offline' }

// EventStream stands in for the EventSource that htmx's extension requests. The extension closes an
// EventSource only with its element, which stays. name is of the lock and the channel that the tabs
// share.
export class EventStream extends EventTarget {
  failures = 0
  id = Math.random()

  constructor(url, name) {
    super()
    this.url = url
    this.name = name
  }

  // start joins the other tabs. Without Web Locks the tab connects by itself.
  start() {
    if (!navigator.locks) return this.connect()
    this.channel = new BroadcastChannel(this.name)
    this.channel.onmessage = ({ data: [name, data, to] }) => {
      if (name === 'hello') this.state === '' && this.connection && this.replayTo(data)
      else if (name === 'state') this.show(data)
      else if (!to || to === this.id) this.dispatch(name, data)
    }
    this.relay('hello', this.id)
    this.stopper = new AbortController()
    navigator.locks.request(this.name, { signal: this.stopper.signal }, () => new Promise(done => {
      this.release = done
      this.connect()
    })).catch(() => {}) // stopped while it waited for the lock
  }

  stop() {
    clearTimeout(this.timer)
    this.connection?.close()
    this.connection = null
    this.stopper?.abort()
    this.release?.()
    this.channel?.close()
    this.channel = null
    this.show('trying')
  }

  connect() {
    clearTimeout(this.timer)
    this.connection?.close()
    const connection = this.connection = new EventSource(this.url)
    for (const name of eventNames) {
      connection.addEventListener(name, ({ data }) => {
        if (name === 'mode') this.mode = data
        this.relay(name, data)
        this.dispatch(name, data)
      })
    }
    connection.onerror = () => {
      const state = !navigator.onLine ? 'offline' : this.failures > 3 ? 'paused' : 'trying'
      this.relay('state', state)
      this.show(state)
      // The browser reconnects by itself, after the server's "retry", unless the connection was
      // refused.
      if (connection.readyState === 2) this.timer = setTimeout(() => this.connect(), backoff(this.failures++))
    }
  }

  // wake reconnects at once, when a connection is likely to work again.
  wake() {
    if (this.connection && this.state !== '') this.connect()
  }

  // replayTo sends a new tab the first events of the stream, because its page may be older than the
  // present mode.
  replayTo(tab) {
    this.relay('ready', '{}', tab)
    if (this.mode) this.relay('mode', this.mode, tab)
  }

  relay(...message) {
    this.channel?.postMessage(message)
  }

  dispatch(name, data) {
    if (name === 'ready' || name === 'mode') { // without Redis no stream is ready, but relay events still arrive
      this.failures = 0
      this.show('')
    }
    this.dispatchEvent(new MessageEvent(name, { data }))
  }

  show(state) {
    this.state = state
    const el = document.querySelector('.connection')
    if (!el) return
    el.textContent = stateTexts[state]
    if (state) el.dataset.live = state
    else delete el.dataset.live
  }
}

// startStream starts the page's stream. It stops with the page and restarts when the page returns
// from the back/forward cache.
export function startStream(url, name) {
  const source = new EventStream(url, name)
  source.start()
  addEventListener('pagehide', () => source.stop())
  addEventListener('pageshow', event => event.persisted && source.start())
  addEventListener('online', () => source.wake())
  addEventListener('offline', () => source.show('offline'))
  document.addEventListener('visibilitychange', () => document.hidden || source.wake())
  return source
}
