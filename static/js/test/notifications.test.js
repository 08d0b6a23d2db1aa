import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buttonText } from '../notifications.js'

test('the button names its effect, or why it has none', () => {
  assert.equal(buttonText('default', false), 'Turn notifications on')
  assert.equal(buttonText('granted', true), 'Turn notifications off')
  assert.equal(buttonText('granted', false), 'Turn notifications on')
  assert.equal(buttonText('denied', true), 'Notifications are blocked in this browser')
})
