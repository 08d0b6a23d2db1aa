import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buttonText, showNotification } from '../notifications.js'

test('the button names its effect, or why it has none', () => {
  assert.equal(buttonText('default', false), 'Turn notifications on')
  assert.equal(buttonText('granted', true), 'Turn notifications off')
  assert.equal(buttonText('granted', false), 'Turn notifications on')
  assert.equal(buttonText('denied', true), 'Notifications are blocked in this browser')
})

test('a notification has the whole text, whatever stands where it could be cut', () => {
  const shown = []
  globalThis.document = { querySelector: () => ({ href: 'icon' }) }
  globalThis.Notification = class { constructor(name, { body }) { shown.push(name + ': ' + body) } }
  for (let letters = 195; letters < 206; letters++) {
    const text = 'a'.repeat(letters) + '😀🇳🇱'
    showNotification({ dataset: { conversation: 'c' }, querySelector: s => ({ textContent: s === 'p' ? text : 'Ada' }) })
    assert.equal(shown.at(-1), 'Ada: ' + text)
    assert.ok(shown.at(-1).isWellFormed())
  }
})
