import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offer } from '../notifications.js'

test('the button says what it would do, or why it can’t', () => {
  assert.equal(offer('default', false), 'Turn notifications on')
  assert.equal(offer('granted', true), 'Turn notifications off')
  assert.equal(offer('granted', false), 'Turn notifications on')
  assert.equal(offer('denied', true), 'Notifications are blocked in this browser')
})
