import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefixed, total } from '../unread.js'

test('a title begins with the count', () => {
  assert.equal(prefixed('Bob · Parley', 0), 'Bob · Parley')
  assert.equal(prefixed('(1) <b> · Parley', 3), '(3) (1) <b> · Parley')
})

test('messages of the open conversation count only while nobody looks', () => {
  const counts = { unread: '5', here: '2' } // a dataset's values are strings
  assert.equal(total(counts, 0, true), 3)
  assert.equal(total(counts, 0, false), 5)
  assert.equal(total(counts, 3, false), 8)
  assert.equal(total({ unread: '1', here: '2' }, 0, true), 0)
})

test('waiting requests are not counted', () => {
  assert.equal(total({ unread: '1', requests: '2' }, 0, true), 1)
})
