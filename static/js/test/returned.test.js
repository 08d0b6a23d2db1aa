import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Order } from '../order.js'

const row = (id, seq = null, offset = null) => ({ id, seq, offset })
const shown = order => order.sorted().map(r => r.id).join(' ')

test('a suspect row that the next answer lacks is removed; others stay', () => {
  const order = new Order(1)
  order.addPage([row('a', 1), row('b', null, 2), row('c', null, 3)], 0)
  order.suspectPending()
  order.add(row('d', null, 4), 0)
  order.applyFetched({ rows: [row('c', null, 3)], last: 1, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'a c d')
})

test('an answer without the pending messages removes no suspect row', () => {
  const order = new Order(0)
  order.addPage([row('a', null, 2)], 0)
  order.suspectPending()
  order.applyFetched({ rows: [], last: 0, complete: true, pending: false }, 0)
  assert.equal(shown(order), 'a')
})

test('a returned row is removed, and returns when it is stored after all', () => {
  const order = new Order(0)
  order.addPage([row('a', null, 1), row('b', null, 2)], 0)
  order.rows.delete('a')
  assert.equal(shown(order), 'b')
  assert.equal(order.applyStored({ from: 1, to: 2, messages: [{ id: 'b', seq: 1 }, { id: 'a', seq: 2 }] }), true)
  order.applyFetched({ rows: [row('b', 1), row('a', 2)], last: 2, complete: true, pending: true }, 0)
  assert.equal(shown(order), 'b a')
})
