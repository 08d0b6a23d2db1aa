import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits, listState, neighbour, swipeAction } from '../list.js'
import { clearOnEscape } from '../filter.js'

test('arrows walk the list and stop at its ends', () => {
  assert.equal(neighbour('ArrowDown', 0, 3), 1)
  assert.equal(neighbour('ArrowDown', 2, 3), -1)
  assert.equal(neighbour('ArrowUp', 0, 3), -1)
  assert.equal(neighbour('End', 0, 3), 2)
  assert.equal(neighbour('Home', 2, 3), 0)
  assert.equal(neighbour('a', 1, 3), -1)
})

test('a refresh asks for as many rows as are shown, of the same list', () => {
  assert.deepEqual(listState(12, false), {})
  assert.deepEqual(listState(130, true), { limit: 130, in: 'archive' })
  assert.equal(listState(2000, false).limit, 500)
})

test('a menu offers what the state of a row allows', () => {
  assert.ok(fits(['unread', 'pinned'], 'pinned'))
  assert.ok(!fits(['unread', 'pinned'], '!pinned'))
  assert.ok(fits([''], '!archived'))
  assert.ok(!fits([''], 'archived'))
})

test('a swipe marks to the right and archives to the left', () => {
  assert.equal(swipeAction(40, ['']), 0)
  assert.equal(swipeAction(90, ['']), 'unread')
  assert.equal(swipeAction(90, ['unread']), 'read')
  assert.equal(swipeAction(-90, ['unread']), 'archive')
})

test('the Escape of an input method leaves the filter', () => {
  const input = Object.assign(new EventTarget(), { value: 'Ada' })
  clearOnEscape(input)
  const press = keys => input.dispatchEvent(Object.assign(new Event('keydown', { cancelable: true }), { key: 'Escape', ...keys }))
  press({ isComposing: true })
  press({ keyCode: 229 })
  assert.equal(input.value, 'Ada')
  press({})
  assert.equal(input.value, '')
})
