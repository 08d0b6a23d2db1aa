import assert from 'node:assert/strict'
import { test } from 'node:test'

const { submitOnEnter } = await import('../composer.js')

// press returns what a key does to a box with a text: it sends it, or is left to the browser.
function press(coarse, key) {
  globalThis.matchMedia = () => ({ matches: coarse })
  let does = 'break'
  const box = { value: 'hello', form: { requestSubmit: () => { does = 'send' } } }
  submitOnEnter(box)
  box.onkeydown({ key: 'Enter', preventDefault() { does = 'nothing' }, ...key })
  return does
}

test('with a mouse Enter sends, and Shift+Enter breaks the line', () => {
  assert.equal(press(false, {}), 'send')
  assert.equal(press(false, { shiftKey: true }), 'break')
})

test('on a touch screen Enter breaks the line, and with Ctrl or Command sends', () => {
  assert.equal(press(true, {}), 'break')
  assert.equal(press(true, { ctrlKey: true }), 'send')
  assert.equal(press(true, { metaKey: true }), 'send')
})

test('an Enter of an IME is left to the IME', () => {
  assert.equal(press(false, { isComposing: true }), 'break')
  assert.equal(press(false, { keyCode: 229 }), 'break')
})
