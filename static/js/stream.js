// Stream: the stream of events. One tab of a session, the leader, holds the connection and relays
// its events to the others. It reconnects by itself, not in step with other pages. After each
// connection the event "ready" makes pages fetch what they missed. A connection that is silent for
// two heartbeats is lost, whatever the browser believes, and so is a leader.
import { backoff } from './timing.js'

const eventNames =
  'ready message stored read delivered request friend presence typing returned member conversation resync mode signout reload'.split(' ')
const stateTexts = {
  '': 'Live', trying: 'Reconnecting', paused: 'Live updates paused', offline: 'Offline', ended: 'Signed out',
}

// EventStream stands in for the EventSource that htmx's extension requests. The extension closes an
// EventSource only with its element, which stays. name is of the lock and the channel that the tabs
// share. state is "" while the stream is live, else a key of stateTexts.
export class EventStream extends EventTarget {
  failures = 0
  interval = 4e3 // milliseconds between two heartbeats, as the server last said
  id = Math.random()

  constructor(url, name) {
    super()
    this.url = url
    this.name = name
  }

  // start joins the other tabs. Without Web Locks the tab connects by itself.
  start() {
    if (this.connection || this.channel) return
    if (!navigator.locks) return this.connect()
    this.channel = new BroadcastChannel(this.name)
    this.channel.onmessage = ({ data }) => this.receive(...data)
    this.relay('hello', this.id)
    this.join()
  }

  stop(state = 'trying') {
    this.disconnect()
    this.stopper?.abort()
    this.release?.()
    this.channel?.close()
    this.channel = null
    this.show(state)
  }

  // join waits for the lock, or takes it from a leader that does not answer. Another tab may do the
  // same to this one, for example while this page is frozen.
  join(steal) {
    this.stopper?.abort()
    const stopper = this.stopper = new AbortController()
    const lead = () => new Promise(done => {
      this.release = done
      this.connect()
    })
    this.expect(this.interval * 2)
    navigator.locks.request(this.name, steal ? { steal } : { signal: stopper.signal }, lead).catch(error => {
      if (stopper.signal.aborted) return
      this.disconnect()
      if (error.name === 'AbortError') this.join()
      else this.connect()
    })
  }

  connect() {
    this.disconnect()
    const connection = this.connection = new EventSource(this.url)
    this.attempted = Date.now()
    this.expect(1e4 * 2 ** Math.min(this.failures >> 1, 3)) // a busy server answers late
    for (const name of eventNames) {
      connection.addEventListener(name, ({ data }) => {
        if (name === 'mode') this.mode = data
        this.relay(name, data)
        this.dispatch(name, data)
      })
    }
    connection.addEventListener('heartbeat', ({ data }) => {
      this.relay('heartbeat', data)
      this.heard(data)
    })
    connection.addEventListener('evicted', () => { // the person has many pages open, and looks at others
      this.disconnect(connection)
      this.lost('paused')
    })
    connection.onopen = () => this.heard()
    connection.onerror = () => {
      this.lost()
      // The browser reconnects by itself, after the server's "retry", unless the connection was
      // refused.
      if (connection.readyState === 2) {
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.connect(), backoff(this.failures++))
      }
    }
  }

  // disconnect closes the connection. The leader's connection remains set, so that it stays leader.
  disconnect(remaining = null) {
    clearTimeout(this.timer)
    this.connection?.close()
    this.connection = remaining
  }

  // heard notes a sign of life of the server or, in other tabs, of the leader.
  heard(interval) {
    if (+interval) this.interval = +interval
    this.last = Date.now()
    this.expect(this.interval * 2)
  }

  // expect calls silent unless something is heard within ms. The second timer lets events be
  // received first that arrived while the page was busy.
  expect(ms) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = setTimeout(() => this.silent(), 1e3)
    }, ms)
  }

  silent() {
    if (!this.connection) return document.hidden || this.ask()
    this.failures++
    this.lost()
    this.connect()
  }

  // ask requests a sign of life of the leader, and takes over if there is none. returned says that
  // the person looks at this tab again.
  ask(returned) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.join(true), 3e3)
    this.relay('ask', returned)
  }

  // check reconnects unless the stream certainly works. It is for moments at which the line may
  // have changed: the person or the network returns, or a request was not answered.
  check() {
    const { connection, state } = this
    if (!connection) return this.channel && this.ask(true)
    const [since, patience] = state === '' ? [this.last, this.interval * 1.5] : [this.attempted, 3e3]
    if (Date.now() - since < patience && connection.readyState !== 2 && state !== 'offline') return
    this.lost()
    this.connect()
  }

  lost(state = !navigator.onLine ? 'offline' : this.failures > 3 ? 'paused' : 'trying') {
    this.relay('state', state)
    this.show(state)
  }

  // receive handles a message of another tab.
  receive(name, data, to) {
    if (name === 'hello' || name === 'ask') {
      if (!this.connection) return
      if (name === 'ask' && (data || this.state !== 'paused')) this.check() // its own timers may be throttled
      if (name === 'hello' && this.state === '') this.replayTo(data)
      else this.relay('state', this.state ?? 'trying')
      return
    }
    if (this.connection) return // from a leader that has lost the lock meanwhile
    this.heard(name === 'heartbeat' && data)
    if (name === 'state') this.show(data)
    else if (name !== 'heartbeat' && (!to || to === this.id)) this.dispatch(name, data)
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
    if (this.connection) this.heard()
    if (name === 'ready' || name === 'mode') { // without Redis no stream is ready, but relay events still arrive
      this.failures = 0
      this.show('')
    }
    this.dispatchEvent(new MessageEvent(name, { data }))
    if (name === 'signout') this.stop('ended') // the next session has a stream of its own
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
// from the back/forward cache. request.js reports requests without an answer as "unanswered".
export function startStream(url, name) {
  const source = new EventStream(url, name)
  source.start()
  addEventListener('pagehide', () => source.stop())
  addEventListener('pageshow', event => event.persisted && source.start())
  addEventListener('offline', () => source.show('offline'))
  const doubts = ['online', 'focus', 'unanswered', 'htmx:sendError', 'htmx:timeout']
  for (const event of doubts) addEventListener(event, () => source.check())
  document.addEventListener('visibilitychange', () => document.hidden || source.check())
  document.addEventListener('freeze', () => source.stop()) // another tab leads meanwhile
  document.addEventListener('resume', () => source.start())
  return source
}
