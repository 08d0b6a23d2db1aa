import { test } from 'node:test'
import assert from 'node:assert/strict'
import { EventStream } from '../stream.js'

globalThis.document = { querySelector: () => null }

test('a stream that sends the mode is live, ready or not', () => {
  const source = new EventStream('/events', 'tabs')
  source.failures = 3
  source.dispatch('stored', '{}')
  assert.equal(source.state, undefined)
  source.dispatch('mode', '<div></div>')
  assert.equal(source.state, '')
  assert.equal(source.failures, 0)
})

test('a new tab receives the mode, too', () => {
  const source = new EventStream('/events', 'tabs')
  const sent = []
  source.channel = { postMessage: message => sent.push(message) }
  source.replayTo(7)
  source.mode = '<div></div>'
  source.replayTo(8)
  assert.deepEqual(sent, [['ready', '{}', 7], ['ready', '{}', 8], ['mode', '<div></div>', 8]])
})
