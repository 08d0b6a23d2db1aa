import { beforeEach, mock, test } from 'node:test'
import assert from 'node:assert/strict'
import { EventStream } from '../stream.js'

// Connection stands in for the browser's EventSource.
class Connection extends EventTarget {
  static all = []
  readyState = 0

  constructor() {
    super()
    Connection.all.push(this)
  }

  receives(name, data = '{}') {
    this.readyState = 1
    this.dispatchEvent(new MessageEvent(name, { data }))
  }

  fails(readyState) {
    this.readyState = readyState
    this.onerror()
  }

  close() {
    this.readyState = 2
  }
}

// Channel delivers at once, to every other open channel of its name.
class Channel {
  static open = new Set()

  constructor(name) {
    this.name = name
    Channel.open.add(this)
  }

  postMessage(data) {
    for (const other of Channel.open) {
      if (other !== this && other.name === this.name && !other.frozen) other.onmessage({ data })
    }
  }

  close() {
    Channel.open.delete(this)
  }
}

// Locks are exclusive locks of one name that can be stolen.
class Locks {
  waiting = []

  async request(name, { signal, steal }, hold) {
    if (steal) this.steal?.(Object.assign(new Error('stolen'), { name: 'AbortError' }))
    else if (this.held) {
      await new Promise((granted, failed) => {
        this.waiting.push(granted)
        signal.onabort = () => {
          this.waiting = this.waiting.filter(other => other !== granted)
          failed(signal.reason)
        }
      })
    }
    const held = this.held = {}
    try {
      await Promise.race([hold(), new Promise((_, stolen) => { this.steal = stolen })])
    } finally {
      if (this.held === held) {
        this.held = null
        this.waiting.shift()?.()
      }
    }
  }
}

const settle = async () => { for (let i = 0; i < 20; i++) await null }

// pass lets time pass in small steps, because timers start others.
const pass = ms => {
  for (; ms > 0; ms -= 250) mock.timers.tick(Math.min(ms, 250))
}
const last = () => Connection.all.at(-1)

beforeEach(() => {
  Connection.all = []
  Channel.open = new Set()
  globalThis.EventSource = Connection
  globalThis.BroadcastChannel = Channel
  globalThis.document = { querySelector: () => null, hidden: false }
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true, writable: true })
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
})

function live() {
  const source = new EventStream('/events', 'tabs')
  source.start()
  last().receives('ready')
  return source
}

// openTab returns a tab that shares its stream with those that were opened before.
async function openTab(locks) {
  navigator.locks = locks
  const tab = new EventStream('/events', 'tabs')
  tab.start()
  await settle()
  return tab
}

test('a stream that sends the mode is live, ready or not', () => {
  const source = new EventStream('/events', 'tabs')
  source.start()
  source.failures = 3
  last().receives('stored')
  assert.equal(source.state, undefined)
  last().receives('mode', '<div></div>')
  assert.equal(source.state, '')
  assert.equal(source.failures, 0)
})

test('a stream without two heartbeats is lost within 10 s', () => {
  const source = live()
  for (let i = 0; i < 5; i++) {
    pass(4000)
    last().receives('heartbeat', '4000')
  }
  pass(8000)
  assert.equal(source.state, '')
  pass(1500)
  assert.equal(source.state, 'trying')
  assert.equal(Connection.all.length, 2)
  assert.equal(Connection.all[0].readyState, 2)
  last().receives('ready')
  assert.equal(source.state, '')
})

test('events count as heartbeats, and the server sets the interval', () => {
  live()
  last().receives('heartbeat', '20000')
  pass(40e3)
  last().receives('typing')
  pass(40e3)
  assert.equal(Connection.all.length, 1)
  pass(2e3)
  assert.equal(Connection.all.length, 2)
})

test('a connection that never opens is tried again, less and less often', () => {
  const source = new EventStream('/events', 'tabs')
  source.start()
  const counts = [11, 11, 21, 21, 41, 41, 81, 81].map(seconds => {
    pass(seconds * 1e3)
    return Connection.all.length
  })
  assert.deepEqual(counts, [2, 3, 4, 5, 6, 7, 8, 9])
  assert.equal(source.state, 'paused')
})

test('a check reconnects at once if the last frame is older than it may be', () => {
  const source = live()
  pass(5e3)
  source.check()
  assert.equal(Connection.all.length, 1)
  pass(1500)
  source.check()
  assert.equal(source.state, 'trying')
  assert.equal(Connection.all.length, 2)
  source.check() // several events say that the person is back
  assert.equal(Connection.all.length, 2)
})

test('a refused connection waits for its backoff, or for a check', () => {
  const source = live()
  last().fails(2)
  assert.equal(source.state, 'trying')
  assert.equal(Connection.all.length, 1)
  source.check()
  assert.equal(Connection.all.length, 2)
  last().fails(2)
  pass(2e3)
  assert.equal(Connection.all.length, 3)
})

test('an evicted stream waits until the person looks at the page', () => {
  const source = live()
  last().receives('evicted')
  assert.equal(source.state, 'paused')
  pass(600e3)
  assert.equal(Connection.all.length, 1)
  source.check()
  assert.equal(Connection.all.length, 2)
})

test('a page whose session has ended does not reconnect', () => {
  const source = live()
  last().receives('signout')
  pass(600e3)
  source.check()
  assert.equal(source.state, 'ended')
  assert.equal(Connection.all.length, 1)
})

test('tabs share a stream, and a new one receives the mode', async () => {
  const locks = new Locks()
  const first = await openTab(locks)
  const second = await openTab(locks)
  assert.equal(second.state, 'trying')
  last().receives('ready')
  last().receives('mode', '<div></div>')
  assert.equal(second.state, '')
  const modes = []
  const third = new EventStream('/events', 'tabs')
  third.addEventListener('mode', ({ data }) => modes.push(data))
  second.addEventListener('mode', () => modes.push('again'))
  third.start()
  assert.equal(third.state, '')
  assert.deepEqual(modes, ['<div></div>'])

  for (let i = 0; i < 9; i++) {
    pass(4e3)
    last().receives('heartbeat', '4000')
  }
  assert.equal(Connection.all.length, 1)
  first.stop()
  await settle()
  assert.ok(second.connection)
  assert.equal(Connection.all.length, 2)
})

test('a visible tab takes over from a leader that does not answer', async () => {
  const locks = new Locks()
  const leader = await openTab(locks)
  last().receives('ready')
  const tab = await openTab(locks)
  const frozen = leader.channel
  frozen.frozen = true
  leader.expect = () => clearTimeout(leader.timer) // its timers don't run
  leader.expect()
  document.hidden = true
  pass(60e3)
  await settle()
  assert.equal(tab.connection, undefined)

  document.hidden = false
  tab.check()
  pass(3e3)
  await settle()
  assert.ok(tab.connection)
  assert.equal(leader.connection, null)
  assert.equal(Connection.all.filter(c => c.readyState !== 2).length, 1)
  frozen.frozen = false
  last().receives('ready')
  assert.equal(leader.state, '')

  tab.stop()
  await settle()
  assert.ok(leader.connection) // it leads again, and nobody waits in vain
})

test('a leader without a connection keeps its lead, and a returning person makes it try', async () => {
  const locks = new Locks()
  const leader = await openTab(locks)
  const tab = await openTab(locks)
  last().receives('ready')
  last().receives('evicted')
  assert.equal(tab.state, 'paused')
  pass(60e3)
  await settle()
  assert.equal(Connection.all.length, 1)
  tab.check()
  assert.equal(Connection.all.length, 2)
  assert.ok(leader.connection)
  assert.equal(tab.connection, undefined)
})
