import { test } from 'node:test'
import assert from 'node:assert/strict'
import { Source } from '../stream.js'

globalThis.document = { querySelector: () => null }

test('a stream that tells the mode is live, ready or not', () => {
  const source = new Source('/events', 'tabs')
  source.failures = 3
  source.take('stored', '{}')
  assert.equal(source.state, undefined)
  source.take('mode', '<div></div>')
  assert.equal(source.state, '')
  assert.equal(source.failures, 0)
})

test('a tab that comes later is told the mode too', () => {
  const source = new Source('/events', 'tabs')
  const sent = []
  source.channel = { postMessage: message => sent.push(message) }
  source.welcome(7)
  source.mode = '<div></div>'
  source.welcome(8)
  assert.deepEqual(sent, [['ready', '{}', 7], ['ready', '{}', 8], ['mode', '<div></div>', 8]])
})
