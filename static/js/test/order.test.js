import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Order } from '../order.js'

const row = (id, seq = null, offset = null, client) => ({ id, seq, offset, client })
const shown = order => order.sorted().map(r => r.id ?? r.client).join(' ')
const page = (last, ...rows) => {
  const order = new Order(last)
  order.page(rows, 0)
  return order
}
const stored = (from, ...ids) => ({ from, to: from + ids.length - 1, messages: ids.map((id, i) => ({ id, seq: from + i })) })

test('stored rows come by seq, pending ones by place in the log, then own unsent ones', () => {
  const order = page(2, row('a', 1), row('b', 2), row('d', null, 9), row('c', null, 7))
  order.send({ id: null, client: 'x' })
  order.send({ id: null, client: 'y' })
  assert.equal(shown(order), 'a b c d x y')
  order.add(row('e', null, 8), 0)
  assert.equal(shown(order), 'a b c e d x y')
})

test('neighbouring seqs are told apart, however large', () => {
  const order = page(9007199254740000, row('b', 9007199254740000), row('a', 9007199254739999))
  assert.equal(shown(order), 'a b')
})

test('to ≤ S is ignored', () => {
  const order = page(5, row('e', 5))
  assert.equal(order.stored(stored(4, 'd', 'e')), false)
  assert.equal(order.last, 5)
})

test('from = S+1 with every id at hand is applied', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  assert.equal(order.stored(stored(1, 'b', 'a')), false)
  assert.equal(order.last, 2)
  assert.equal(shown(order), 'b a')
})

test('an id that is not at hand makes the page fetch, from the last seq that it has', () => {
  const order = page(0, row('a', null, 1))
  assert.equal(order.stored(stored(1, 'a', 'b')), true)
  assert.equal(order.last, 1)
  order.fetched({ rows: [row('b', 2)], last: 2, complete: true }, 0)
  assert.equal(order.last, 2)
  assert.equal(shown(order), 'a b')
})

test('a gap makes the page fetch; what came after it counts once the gap is closed', () => {
  const order = page(0, row('c', null, 3))
  assert.equal(order.stored(stored(3, 'c')), true)
  assert.equal(order.last, 0)
  order.fetched({ rows: [row('a', 1), row('b', 2)], last: 2, complete: true }, 0)
  assert.equal(order.last, 3)
  assert.equal(shown(order), 'a b c')
})

test('two runs in the wrong order need no fetch once both are there', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  assert.equal(order.stored(stored(2, 'b')), true)
  assert.equal(order.stored(stored(1, 'a')), false)
  assert.equal(order.last, 2)
})

test('a hint without ids makes the page fetch', () => {
  const order = page(3, row('c', 3))
  assert.equal(order.stored({ from: 4, to: 6, messages: [] }), true)
  assert.equal(order.stored({ from: 2, to: 3, messages: [] }), false)
})

test('a message that was written directly comes with its seq', () => {
  const order = page(1, row('a', 1))
  assert.equal(order.add(row('b', 2), 0), true)
  assert.equal(order.last, 2)
  assert.equal(order.stored(stored(2, 'b')), false)
  order.add(row('d', 4), 0)
  assert.equal(order.last, 2)
  assert.equal(order.stored(stored(4, 'd')), true)
})

test('a row comes once, whatever is repeated, and a late event takes no number away', () => {
  const order = page(0)
  assert.equal(order.add(row('a', null, 1), 0), true)
  assert.equal(order.add(row('a', null, 1), 0), false)
  order.stored(stored(1, 'a'))
  assert.equal(order.add(row('a', null, 1), 0), false)
  assert.equal(order.rows.get('a').seq, 1)
  assert.equal(order.last, 1)
  assert.equal(shown(order), 'a')
})

test('a pending row moves when it gets its number', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  order.stored(stored(1, 'b'))
  assert.equal(shown(order), 'b a')
})

test('the answer to a send and its event are the same row', () => {
  const order = page(0)
  order.send({ id: null, client: 'x' })
  order.add(row('a', null, 1, 'x'), 0)
  order.add(row('a', null, 1, 'x'), 0)
  assert.equal(shown(order), 'a')
})

test('a send whose answer was lost is found in a fetch', () => {
  const order = page(0)
  order.send({ id: null, client: 'x' })
  order.send({ id: null, client: 'y' })
  order.fetched({ rows: [row('a', 1, 1, 'x')], last: 1, complete: true }, 0)
  assert.equal(shown(order), 'a y')
})

test('what belongs to an earlier page stays there', () => {
  const order = page(60, row('m51', 51), row('m60', 60))
  assert.equal(order.add(row('m40', 40), 0), false)
  order.add(row('m41', null, 41), 0) // an old message, sent again by somebody's retry
  assert.equal(order.stored(stored(41, 'm41')), false)
  assert.equal(shown(order), 'm51 m60')
})

test('a late row that no answer names is taken away, and comes back when it is stored', () => {
  const order = page(60, row('m60', 60))
  order.add(row('m7', null, 7), 0) // stored long ago; that it was, got lost
  const answer = { rows: [], last: 60, complete: true, pending: true }
  order.fetched(answer, 5e3)
  assert.equal(shown(order), 'm60 m7')
  assert.equal(order.overdue(10e3), true)
  order.fetched({ ...answer, pending: false }, 11e3)
  assert.equal(shown(order), 'm60 m7', 'nobody knows what is pending')
  order.fetched({ ...answer, rows: [row('m7', null, 7)] }, 12e3)
  assert.equal(shown(order), 'm60 m7', 'it is pending still')
  order.fetched(answer, 13e3)
  assert.equal(shown(order), 'm60')
  assert.equal(order.stored(stored(61, 'm7')), true)
})

test('an empty page that filled up keeps what came first', () => {
  const order = page(0)
  order.add(row('a', null, 1), 0)
  order.stored(stored(1, 'a'))
  order.fetched({ rows: [row('b', 2)], last: 2, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'a b')
})

test('an earlier page may be put in', () => {
  const order = page(60, row('m60', 60))
  order.page([row('m59', 59)], 0)
  assert.equal(shown(order), 'm59 m60')
  assert.equal(order.last, 60)
})

test('an answer that is not complete shows its rows, but promises nothing', () => {
  const order = page(3, row('c', 3))
  order.fetched({ rows: [row('e', null, 5)], last: 3, complete: false }, 0)
  assert.equal(order.last, 3)
  assert.equal(shown(order), 'c e')
})

test('a page that was not complete asks for the newest one', () => {
  const order = page(null, row('x', null, 9))
  assert.equal(order.stored(stored(80, 'x')), true)
  assert.equal(order.last, null)
  order.fetched({ rows: [row('w', 79), row('x', 80)], last: 80, complete: true }, 0)
  assert.equal(order.last, 80)
  assert.equal(shown(order), 'w x')
})

test('an older answer takes nothing back', () => {
  const order = page(5, row('e', 5))
  order.fetched({ rows: [], last: 4, complete: true }, 0)
  assert.equal(order.last, 5)
})

test('a row that waits for 10 s makes the page ask, every 10 s', () => {
  const order = page(0)
  order.add(row('a', null, 1), 1000)
  assert.equal(order.overdue(10999), false)
  assert.equal(order.overdue(11000), true)
  assert.equal(order.overdue(12000), false)
  assert.equal(order.overdue(21000), true)
  order.stored(stored(1, 'a'))
  assert.equal(order.overdue(99000), false)
})

test('the page before the first row joins it, and so do events that name its rows', () => {
  const order = page(5, row('d', 4), row('e', 5))
  assert.equal(order.first, 4)
  assert.equal(order.add(row('c', 3), 0), false) // belongs to an earlier page
  order.page([row('b', 2), row('c', 3)], 0)
  assert.equal(shown(order), 'b c d e')
  assert.equal(order.first, 2)
  assert.equal(order.last, 5)
  order.page([row('a', 1)], 0)
  assert.equal(shown(order), 'a b c d e')
})

test('a page in the middle grows at its end until it is the newest', () => {
  const order = page(2, row('a', 1), row('b', 2))
  order.fetched({ rows: [row('c', 3)], last: 3, complete: true, pending: false }, 0)
  order.fetched({ rows: [row('d', 4), row('e', null, 9)], last: 4, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'a b c d e')
  assert.equal(order.last, 4)
})

test('rewind goes back to before a hole, and the fetch from there closes it', () => {
  const order = page(5, row('b', 2), row('c', 3), row('d', 4), row('e', 5))
  assert.equal(order.rewind(), false)
  order.rows.delete('c')
  assert.equal(order.rewind(), true)
  assert.equal(order.last, 2)
  order.fetched({ rows: [row('c', 3), row('d', 4), row('e', 5)], last: 5, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'b c d e')
  assert.equal(order.rewind(), false)
  assert.equal(new Order(null).rewind(), false)
  assert.equal(new Order(0).rewind(), false)
})
