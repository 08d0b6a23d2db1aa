import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sum, titled } from '../unread.js'

test('a title begins with how much is new', () => {
  assert.equal(titled('Bob · Parley', 0), 'Bob · Parley')
  assert.equal(titled('(1) <b> · Parley', 3), '(3) (1) <b> · Parley')
})

test('what is new here counts only while nobody looks', () => {
  const counts = { unread: '5', requests: '1', here: '2' } // a dataset's values are strings
  assert.equal(sum(counts, 0, true), 4)
  assert.equal(sum(counts, 0, false), 6)
  assert.equal(sum(counts, 3, false), 9)
  assert.equal(sum({ unread: '1', requests: '0', here: '2' }, 0, true), 0)
})
