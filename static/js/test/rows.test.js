import assert from 'node:assert/strict'
import test from 'node:test'
import { row, thousands } from '../rows.js'

test('digits are thousands by threes', () => {
  assert.deepEqual([0, 7, 123, 4812, 1234567].map(thousands), ['0', '7', '123', '4,812', '1,234,567'])
})

// message is an element with what row reads.
const message = (id, sender, ...classes) => ({
  id: 'message-' + id,
  dataset: { seq: '3', sender },
  classList: { contains: name => classes.includes(name) },
  querySelector: () => ({ dateTime: '2026-11-23T14:42:00.000Z' }),
})

test('a message of the system is nobody’s', () => {
  const [own, system, other] = [message('a', 'ada'), message('b', 'ada', 'system'), message('c', 'ada', 'system')].map(row)
  assert.equal(own.sender, 'ada')
  assert.notEqual(system.sender, 'ada')
  assert.notEqual(system.sender, other.sender)
  assert.deepEqual([own.system, system.system], [false, true])
})
