// Simulation: a page against a model of the servers. The model has a log, a writer that stores
// batches and redelivers some, direct writes, and a stream that drops, repeats, delays and reorders
// events. Some pages begin in the middle (a permalink) and grow until they are live; all of them
// grow backwards. Every page ends with the stored order, and at no time shows a message twice or
// has a gap.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Order } from '../order.js'

// chance is mulberry32: the same numbers for the same seed.
function chance(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

class Server {
  log = [] // {id, offset, client}: acknowledged messages, some of them twice
  read = 0 // the next offset of the writer
  stored = [] // ids by seq - 1
  known = new Map()

  number(messages) {
    for (const m of messages) {
      if (this.known.has(m.id)) continue
      this.stored.push(m)
      this.known.set(m.id, this.stored.length)
    }
    // Gapless runs, known ids included: chat.StoredConversation.Events.
    const ids = [...new Set(messages.map(m => m.id))]
      .map(id => ({ id, seq: this.known.get(id) }))
      .sort((a, b) => a.seq - b.seq)
    const runs = []
    for (const m of ids) {
      const run = runs.at(-1)
      if (run && m.seq === run.to + 1) {
        run.to = m.seq
        run.messages.push(m)
      } else runs.push({ from: m.seq, to: m.seq, messages: [m] })
    }
    return runs
  }

  row(m) {
    return { id: m.id, seq: this.known.get(m.id) ?? null, offset: m.offset, client: m.client }
  }

  pending() {
    const seen = new Set()
    return this.log.slice(this.read).filter(m => !this.known.has(m.id) && !seen.has(m.id) && seen.add(m.id))
  }

  fetch(after, limit, complete, maybeKnown = true) {
    if (!complete) {
      return { rows: this.pending().map(m => this.row(m)), last: after ?? 0, newest: true, pending: true, complete }
    }
    const from = after ?? Math.max(0, this.stored.length - limit)
    const rows = this.stored.slice(from, from + limit)
    const last = from + rows.length
    const newest = last === this.stored.length
    const messages = [...rows, ...(newest ? this.pending() : [])]
    return { rows: messages.map(m => this.row(m)), last, newest, pending: newest && maybeKnown, complete }
  }

  before(seq, limit) {
    return this.stored.slice(Math.max(0, seq - 1 - limit), seq - 1).map(m => this.row(m))
  }
}

function simulate(seed) {
  const next = chance(seed)
  const maybe = p => next() < p
  const below = n => Math.floor(next() * n)
  const server = new Server()
  const loss = next() * 0.5
  let wire = [] // events in flight
  let ids = 0
  const publish = event => {
    while (!maybe(loss)) { // lost, delivered once, or repeated
      wire.push(event)
      if (!maybe(0.2)) break
    }
  }
  const message = (client, direct) => {
    const m = { id: `m${++ids}`, client, offset: direct ? null : server.log.length }
    if (direct) {
      const runs = server.number([...server.pending(), m])
      publish({ kind: 'message', row: server.row(m) })
      runs.forEach(run => publish({ kind: 'stored', run }))
    } else {
      server.log.push(m)
      publish({ kind: 'message', row: server.row(m) })
    }
    return m
  }
  const write = () => {
    const batch = server.log.slice(server.read, server.read + 1 + below(6))
    server.number(batch).forEach(run => publish({ kind: 'stored', run }))
    if (!maybe(0.2)) server.read += batch.length // else it failed before its offset commit
  }

  for (let i = below(30); i > 0; i--) message(undefined, maybe(0.2))
  for (let i = below(10); i > 0; i--) write()
  wire = []
  const middle = maybe(0.3) && server.stored.length > 1
  const first = middle
    ? server.fetch(below(server.stored.length), 1 + below(5), true)
    : server.fetch(null, 10, maybe(0.8))
  let { newest } = first // only the newest page is live
  const order = new Order(first.complete ? first.last : null)
  order.addPage(first.rows, 0)

  const fetches = [] // answers in flight; one at a time, as coalesce() keeps it
  const earlier = [] // answers of pages before the first row
  let asked = !first.complete
  let now = 0
  let calm = false
  const check = () => {
    const shown = order.sorted()
    const keys = shown.map(r => r.id ?? r.client)
    assert.equal(new Set(keys).size, keys.length, `seed ${seed}: a duplicate in ${keys}`)
    const clients = shown.map(r => r.client).filter(Boolean)
    assert.equal(new Set(clients).size, clients.length, `seed ${seed}: a send shown twice`)
    const seqs = shown.filter(r => r.seq).map(r => r.seq)
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), `seed ${seed}: order`)
    for (let seq = order.first; order.last !== null && seq <= order.last; seq++) {
      assert(seqs.includes(seq), `seed ${seed}: complete to ${order.last} without ${seq}`)
    }
  }
  const take = event => {
    if (!newest) return
    if (event.kind === 'message') order.add({ ...event.row }, now)
    else if (order.applyStored(event.run)) asked = true
    check()
  }
  const answer = () => {
    const part = fetches.shift()
    order.applyFetched(part, now)
    if (!part.complete || !part.newest || !newest) asked = true // once more when it becomes live, for events meanwhile
    newest ||= part.newest
    check()
  }
  const goBack = () => {
    if (order.last === null || order.first <= 1 || earlier.length) return
    earlier.push(server.before(order.first, 1 + below(6)))
  }
  const wentBack = () => {
    if (earlier.length) order.addPage(earlier.shift(), now)
    check()
  }
  const ask = complete => {
    asked = false
    fetches.push(server.fetch(order.last, 1 + below(12), complete, calm || maybe(0.5)))
  }

  const sends = []
  const own = new Map()
  for (let step = 0; step < 200; step++) {
    const what = next()
    if (what < 0.2) message(undefined, maybe(0.15))
    else if (what < 0.3 && newest) {
      const client = `c${step}`
      order.addUnsent({ id: null, client })
      const m = message(client, maybe(0.15))
      own.set(client, m)
      if (maybe(0.7)) sends.push(m) // else the answer is lost
    } else if (what < 0.35 && sends.length) order.add({ ...server.row(sends.shift()) }, now)
    else if (what < 0.4 && server.log.length) {
      // A retry after the first answer was lost: the message is appended and announced once more.
      const m = { ...server.log[below(server.log.length)], offset: server.log.length }
      server.log.push(m)
      publish({ kind: 'message', row: { ...m, seq: null } })
    } else if (what < 0.55) write()
    else if (what < 0.85 && wire.length) take(wire.splice(below(Math.min(wire.length, 8)), 1)[0])
    else if (what < 0.88) goBack()
    else if (what < 0.91) wentBack()
    else if ((asked || !newest) && !fetches.length) ask(!newest || maybe(0.8))
    else if (fetches.length) answer()
    if (maybe(0.02) && newest && fetches.length + earlier.length === 0 && order.rows.size) {
      order.rows.delete([...order.rows.keys()][below(order.rows.size)]) // lost by some bug
      if (order.rewindToGap()) asked = true
    }
    if (maybe(0.05) && newest && order.overdue((now += 5e3))) asked = true
    check()
  }
  // Calm: the writer finishes, the stream is back ("ready"), and requests are answered.
  calm = true
  while (server.read < server.log.length) write()
  if (maybe(0.5)) while (wire.length) take(wire.shift())
  while (fetches.length) answer()
  wentBack()
  do {
    ask(true)
    answer()
  } while (asked)
  while (wire.length) take(wire.pop()) // the other events arrive late
  while (order.overdue((now += 10e3)) || asked) {
    ask(true)
    answer()
  }

  // A send that stayed unconfirmed, because its answer and its event were lost, is sent again.
  for (const { client } of [...order.unsent]) order.add({ ...server.row(own.get(client)) }, now)

  const truth = server.stored.slice(Math.min(order.first, server.stored.length + 1) - 1).map(m => m.id)
  assert.deepEqual(order.sorted().map(r => r.id), truth, `seed ${seed}: the end`)
  assert.equal(order.last, server.stored.length, `seed ${seed}: S`)
}

test('500 random histories end with the stored order', () => {
  for (let seed = 1; seed <= 500; seed++) simulate(seed)
})
