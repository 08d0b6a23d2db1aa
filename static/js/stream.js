// Live: the stream of events. One tab of a session holds it and relays it to the others; it comes back by itself, not in step with other
// pages. Whatever it missed, "ready" makes pages fetch.
import { backoff } from './timing.js'

const names = 'ready message stored read delivered request friend presence typing returned resync mode signout reload'.split(' ')
const said = { '': 'Live', trying: 'Reconnecting', paused: 'Live updates paused', offline: 'Offline' }

// Source stands in for the EventSource that htmx' extension asks for (and would close only with its element, which stays). name is that of the lock and the channel of the tabs.
export class Source extends EventTarget {
  failures = 0
  id = Math.random()

  constructor(url, name) {
    super()
    this.url = url
    this.name = name
  }

  // start takes part; without Web Locks the tab streams alone.
  start() {
    if (!navigator.locks) return this.connect()
    this.channel = new BroadcastChannel(this.name)
    this.channel.onmessage = ({ data: [name, data, to] }) => {
      if (name === 'hello') this.state === '' && this.stream && this.welcome(data)
      else if (name === 'state') this.show(data)
      else if (!to || to === this.id) this.take(name, data)
    }
    this.relay('hello', this.id)
    this.stopper = new AbortController()
    navigator.locks.request(this.name, { signal: this.stopper.signal }, () => new Promise(done => {
      this.done = done
      this.connect()
    })).catch(() => {}) // stopped while waiting
  }

  stop() {
    clearTimeout(this.timer)
    this.stream?.close()
    this.stream = null
    this.stopper?.abort()
    this.done?.()
    this.channel?.close()
    this.channel = null
    this.show('trying')
  }

  connect() {
    clearTimeout(this.timer)
    this.stream?.close()
    const stream = this.stream = new EventSource(this.url)
    for (const name of names) {
      stream.addEventListener(name, ({ data }) => {
        if (name === 'mode') this.mode = data
        this.relay(name, data)
        this.take(name, data)
      })
    }
    stream.onerror = () => {
      const state = !navigator.onLine ? 'offline' : this.failures > 3 ? 'paused' : 'trying'
      this.relay('state', state)
      this.show(state)
      // The browser tries again by itself (after the server's "retry") unless it was refused.
      if (stream.readyState === 2) this.timer = setTimeout(() => this.connect(), backoff(this.failures++))
    }
  }

  // wake tries at once, when there is reason to think that it works now.
  wake() {
    if (this.stream && this.state !== '') this.connect()
  }

  // welcome tells a tab that comes later what the stream said when it began; its page may be older than what is away now.
  welcome(tab) {
    this.relay('ready', '{}', tab)
    if (this.mode) this.relay('mode', this.mode, tab)
  }

  relay(...message) {
    this.channel?.postMessage(message)
  }

  take(name, data) {
    if (name === 'ready' || name === 'mode') { // without Redis no stream is ready, and yet it brings hints
      this.failures = 0
      this.show('')
    }
    this.dispatchEvent(new MessageEvent(name, { data }))
  }

  show(state) {
    this.state = state
    const el = document.querySelector('.connection')
    if (!el) return
    el.textContent = said[state]
    if (state) el.dataset.live = state
    else delete el.dataset.live
  }
}

// follow starts the page's stream, ends it with the page, and brings it back with it.
export function follow(url, name) {
  const source = new Source(url, name)
  source.start()
  addEventListener('pagehide', () => source.stop())
  addEventListener('pageshow', event => event.persisted && source.start())
  addEventListener('online', () => source.wake())
  addEventListener('offline', () => source.show('offline'))
  document.addEventListener('visibilitychange', () => document.hidden || source.wake())
  return source
}
