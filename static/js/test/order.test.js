import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Order } from '../order.js'

const row = (id, seq = null, offset = null, client) => ({ id, seq, offset, client })
const shown = order => order.sorted().map(r => r.id ?? r.client).join(' ')
const page = (last, ...rows) => {
  const order = new Order(last)
  order.addPage(rows, 0)
  return order
}
const stored = (from, ...ids) => {
  const messages = ids.map((id, i) => ({ id, seq: from + i }))
  return { from, to: from + ids.length - 1, messages }
}

test('rows are ordered: stored by seq, pending by log offset, then unsent', () => {
  const order = page(2, row('a', 1), row('b', 2), row('d', null, 9), row('c', null, 7))
  order.addUnsent({ id: null, client: 'x' })
  order.addUnsent({ id: null, client: 'y' })
  assert.equal(shown(order), 'a b c d x y')
  order.add(row('e', null, 8), 0)
  assert.equal(shown(order), 'a b c e d x y')
})

test('neighbouring seqs are distinguished, however large', () => {
  const order = page(9007199254740000, row('b', 9007199254740000), row('a', 9007199254739999))
  assert.equal(shown(order), 'a b')
})

test('to ≤ S is ignored', () => {
  const order = page(5, row('e', 5))
  assert.equal(order.applyStored(stored(4, 'd', 'e')), false)
  assert.equal(order.last, 5)
})

test('from = S+1 with every id on the page is applied', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  assert.equal(order.applyStored(stored(1, 'b', 'a')), false)
  assert.equal(order.last, 2)
  assert.equal(shown(order), 'b a')
})

test('an unknown id makes the page fetch from its last seq', () => {
  const order = page(0, row('a', null, 1))
  assert.equal(order.applyStored(stored(1, 'a', 'b')), true)
  assert.equal(order.last, 1)
  order.applyFetched({ rows: [row('b', 2)], last: 2, complete: true }, 0)
  assert.equal(order.last, 2)
  assert.equal(shown(order), 'a b')
})

test('a gap makes the page fetch; later seqs count once the gap is closed', () => {
  const order = page(0, row('c', null, 3))
  assert.equal(order.applyStored(stored(3, 'c')), true)
  assert.equal(order.last, 0)
  order.applyFetched({ rows: [row('a', 1), row('b', 2)], last: 2, complete: true }, 0)
  assert.equal(order.last, 3)
  assert.equal(shown(order), 'a b c')
})

test('two runs in the wrong order need no fetch once both are there', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  assert.equal(order.applyStored(stored(2, 'b')), true)
  assert.equal(order.applyStored(stored(1, 'a')), false)
  assert.equal(order.last, 2)
})

test('a relay event without ids makes the page fetch', () => {
  const order = page(3, row('c', 3))
  assert.equal(order.applyStored({ from: 4, to: 6, messages: [] }), true)
  assert.equal(order.applyStored({ from: 2, to: 3, messages: [] }), false)
})

test('a direct write arrives with its seq', () => {
  const order = page(1, row('a', 1))
  assert.equal(order.add(row('b', 2), 0), true)
  assert.equal(order.last, 2)
  assert.equal(order.applyStored(stored(2, 'b')), false)
  order.add(row('d', 4), 0)
  assert.equal(order.last, 2)
  assert.equal(order.applyStored(stored(4, 'd')), true)
})

test('a repeated row is added once, and a late event removes no seq', () => {
  const order = page(0)
  assert.equal(order.add(row('a', null, 1), 0), true)
  assert.equal(order.add(row('a', null, 1), 0), false)
  order.applyStored(stored(1, 'a'))
  assert.equal(order.add(row('a', null, 1), 0), false)
  assert.equal(order.rows.get('a').seq, 1)
  assert.equal(order.last, 1)
  assert.equal(shown(order), 'a')
})

test('a pending row moves when it gets its seq', () => {
  const order = page(0, row('a', null, 1), row('b', null, 2))
  order.applyStored(stored(1, 'b'))
  assert.equal(shown(order), 'b a')
})

test('the answer to a send and its event are the same row', () => {
  const order = page(0)
  order.addUnsent({ id: null, client: 'x' })
  order.add(row('a', null, 1, 'x'), 0)
  order.add(row('a', null, 1, 'x'), 0)
  assert.equal(shown(order), 'a')
})

test('a send whose answer was lost is found in a fetch', () => {
  const order = page(0)
  order.addUnsent({ id: null, client: 'x' })
  order.addUnsent({ id: null, client: 'y' })
  order.applyFetched({ rows: [row('a', 1, 1, 'x')], last: 1, complete: true }, 0)
  assert.equal(shown(order), 'a y')
})

test('rows of an earlier page are not added', () => {
  const order = page(60, row('m51', 51), row('m60', 60))
  assert.equal(order.add(row('m40', 40), 0), false)
  order.add(row('m41', null, 41), 0) // an old message that a retry sent again
  assert.equal(order.applyStored(stored(41, 'm41')), false)
  assert.equal(shown(order), 'm51 m60')
})

test('a suspect row that an answer lacks is removed, and returns when it is stored', () => {
  const order = page(60, row('m60', 60))
  order.add(row('m7', null, 7), 0) // stored long ago; the event was lost
  const answer = { rows: [], last: 60, complete: true, pending: true }
  order.applyFetched(answer, 5e3)
  assert.equal(shown(order), 'm60 m7')
  assert.equal(order.overdue(10e3), true)
  order.applyFetched({ ...answer, pending: false }, 11e3)
  assert.equal(shown(order), 'm60 m7', 'the pending messages are unknown')
  order.applyFetched({ ...answer, rows: [row('m7', null, 7)] }, 12e3)
  assert.equal(shown(order), 'm60 m7', 'it is still pending')
  order.applyFetched(answer, 13e3)
  assert.equal(shown(order), 'm60')
  assert.equal(order.applyStored(stored(61, 'm7')), true)
})

test('an empty page that filled up keeps its first rows', () => {
  const order = page(0)
  order.add(row('a', null, 1), 0)
  order.applyStored(stored(1, 'a'))
  order.applyFetched({ rows: [row('b', 2)], last: 2, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'a b')
})

test('an earlier page can be added', () => {
  const order = page(60, row('m60', 60))
  order.addPage([row('m59', 59)], 0)
  assert.equal(shown(order), 'm59 m60')
  assert.equal(order.last, 60)
})

test('an incomplete answer adds its rows, but does not advance S', () => {
  const order = page(3, row('c', 3))
  order.applyFetched({ rows: [row('e', null, 5)], last: 3, complete: false }, 0)
  assert.equal(order.last, 3)
  assert.equal(shown(order), 'c e')
})

test('a page that was not complete fetches the newest one', () => {
  const order = page(null, row('x', null, 9))
  assert.equal(order.applyStored(stored(80, 'x')), true)
  assert.equal(order.last, null)
  order.applyFetched({ rows: [row('w', 79), row('x', 80)], last: 80, complete: true }, 0)
  assert.equal(order.last, 80)
  assert.equal(shown(order), 'w x')
})

test('an older answer does not move S back', () => {
  const order = page(5, row('e', 5))
  order.applyFetched({ rows: [], last: 4, complete: true }, 0)
  assert.equal(order.last, 5)
})

test('a row that waits for 10 s makes the page fetch, every 10 s', () => {
  const order = page(0)
  order.add(row('a', null, 1), 1000)
  assert.equal(order.overdue(10999), false)
  assert.equal(order.overdue(11000), true)
  assert.equal(order.overdue(12000), false)
  assert.equal(order.overdue(21000), true)
  order.applyStored(stored(1, 'a'))
  assert.equal(order.overdue(99000), false)
})

test('the page before the first row extends the page', () => {
  const order = page(5, row('d', 4), row('e', 5))
  assert.equal(order.first, 4)
  assert.equal(order.add(row('c', 3), 0), false) // belongs to an earlier page
  order.addPage([row('b', 2), row('c', 3)], 0)
  assert.equal(shown(order), 'b c d e')
  assert.equal(order.first, 2)
  assert.equal(order.last, 5)
  order.addPage([row('a', 1)], 0)
  assert.equal(shown(order), 'a b c d e')
})

test('a page in the middle grows at its end until it is the newest', () => {
  const order = page(2, row('a', 1), row('b', 2))
  order.applyFetched({ rows: [row('c', 3)], last: 3, complete: true, pending: false }, 0)
  order.applyFetched({ rows: [row('d', 4), row('e', null, 9)], last: 4, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'a b c d e')
  assert.equal(order.last, 4)
})

test('rewindToGap moves S before a gap, and the fetch from there closes it', () => {
  const order = page(5, row('b', 2), row('c', 3), row('d', 4), row('e', 5))
  assert.equal(order.rewindToGap(), false)
  order.rows.delete('c')
  assert.equal(order.rewindToGap(), true)
  assert.equal(order.last, 2)
  order.applyFetched({ rows: [row('c', 3), row('d', 4), row('e', 5)], last: 5, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'b c d e')
  assert.equal(order.rewindToGap(), false)
  assert.equal(new Order(null).rewindToGap(), false)
  assert.equal(new Order(0).rewindToGap(), false)
})
