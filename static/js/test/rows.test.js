import test from 'node:test'
import assert from 'node:assert/strict'
import { thousands } from '../rows.js'

test('digits are thousands by threes', () => {
  assert.deepEqual([0, 7, 123, 4812, 1234567].map(thousands), ['0', '7', '123', '4,812', '1,234,567'])
})
