import { test, mock } from 'node:test'
import assert from 'node:assert/strict'
import { composerPage, fakeTimers } from './composer_page.js'

test('typing is posted at most every 3 s, only for text, and without the text', t => {
  fakeTimers(t)
  mock.timers.tick(1e6)
  const p = composerPage()
  for (let i = 0; i < 61; i++) {
    p.type('x'.repeat(i))
    mock.timers.tick(100)
  }
  assert.equal(p.reports().length, 2)
  assert.ok(p.reports().every(post => Object.keys(post).length === 1))
  const hidden = composerPage({ typing: false })
  hidden.type('x')
  assert.equal(hidden.reports().length, 0)
})

test('the other person’s typing is shown until it expires or their message arrives', t => {
  fakeTimers(t)
  const p = composerPage()
  const bob = { conversation_id: 'c', person: 'bob' }
  p.receive('typing', { conversation_id: 'other', person: 'bob' })
  p.receive('typing', { conversation_id: 'c', person: 'ada' })
  assert.equal(p.typing.hidden, true)
  p.receive('typing', bob)
  mock.timers.tick(4000)
  p.receive('typing', bob)
  mock.timers.tick(5999)
  assert.equal(p.typing.hidden, false)
  mock.timers.tick(1)
  assert.equal(p.typing.hidden, true)
  p.receive('typing', bob)
  p.receive('message', '<li data-sender="ada">')
  assert.equal(p.typing.hidden, false)
  p.receive('message', '<li data-sender="bob">')
  assert.equal(p.typing.hidden, true)
  p.log.scrollTop = -500 // the viewer reads earlier messages, which must not move
  p.receive('typing', bob)
  assert.equal(p.log.scrollTop, -530)
  mock.timers.tick(6000)
  assert.equal(p.log.scrollTop, -500)
})

test('in a group, typing has a name', t => {
  fakeTimers(t)
  const p = composerPage()
  p.typing.dataset.group = ''
  p.names = { '.message[data-sender="bob"] > .by': { textContent: 'Bob' } }
  p.receive('typing', { conversation_id: 'c', person: 'bob' })
  assert.equal(p.typing.lastChild.data, 'Bob is writing')
  p.receive('typing', { conversation_id: 'c', person: 'cyd' })
  assert.equal(p.typing.lastChild.data, 'Somebody is writing')
})
