import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox, clientID, describeFailure, remaining } from '../outbox.js'

// fixture returns an outbox whose sends the test answers.
function fixture() {
  const sent = []
  const shown = []
  const answers = []
  const outbox = new Outbox(item => {
    sent.push(item.client)
    return new Promise(resolve => answers.push(resolve))
  }, (item, state) => shown.push(item.client + ' ' + state))
  const answer = async failure => {
    answers.shift()(failure)
    await new Promise(setImmediate)
  }
  return { outbox, sent, shown, answer }
}
const item = client => ({ client })

test('messages are sent one at a time, in order', async () => {
  const { outbox, sent, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  outbox.push(item('c'))
  assert.deepEqual(sent, ['a'])
  await answer()
  assert.deepEqual(sent, ['a', 'b'])
  await answer()
  await answer()
  assert.deepEqual(sent, ['a', 'b', 'c'])
  assert.deepEqual(outbox.items, [])
})

test('a failure stops the queue and keeps everything', async () => {
  const { outbox, sent, shown, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({ text: 'Not sent.' })
  outbox.push(item('c'))
  assert.deepEqual(sent, ['a'])
  assert.deepEqual(outbox.items.map(i => i.client), ['a', 'b', 'c'])
  assert.deepEqual(shown, ['a pending', 'a sending', 'b pending', 'a unsent', 'c pending'])
})

test('a retry begins with the failed message', async () => {
  const { outbox, sent, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.retry()
  assert.deepEqual(sent, ['a', 'a'])
  await answer()
  assert.deepEqual(sent, ['a', 'a', 'b'])
})

test('removing a failed message sends the next one', async () => {
  const { outbox, sent, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.remove('a')
  assert.deepEqual(sent, ['a', 'b'])
})

test('received before its answer: not sent twice, and a late failure is ignored', async () => {
  const { outbox, sent, shown, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  outbox.remove('a')
  assert.deepEqual(sent, ['a'], 'still one at a time')
  await answer({ text: 'Not confirmed.' })
  assert.deepEqual(sent, ['a', 'b'])
  assert(!shown.includes('a unsent'))
  await answer()
  assert.deepEqual(outbox.items, [])
})

test('an unconfirmed message that is received sends the next one', async () => {
  const { outbox, sent, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({ text: 'Not confirmed.' })
  outbox.remove('a')
  assert.deepEqual(sent, ['a', 'b'])
})

test('removing a message behind the head changes nothing else', async () => {
  const { outbox, sent, answer } = fixture()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.remove('b')
  outbox.remove('other')
  assert.deepEqual(sent, ['a'])
  assert.equal(outbox.stopped, true)
})

test('a client id is a UUIDv7 of its time', () => {
  const id = clientID(0x0198a3c27d1e, new Uint8Array(9).fill(0xff))
  assert.equal(id, '0198a3c2-7d1e-7fff-8fff-ffffffffffff')
  const ids = new Set(Array.from({ length: 1000 }, () => clientID()))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('the remaining length is counted in code points', () => {
  assert.equal(remaining(''), 4000)
  assert.equal(remaining('😳'.repeat(4000)), 0)
  assert.equal(remaining('x'.repeat(4012)), -12)
  assert(new TextEncoder().encode('😳'.repeat(4000)).length <= 16000)
})

test('a failure is described by what is known', async () => {
  const problem = body => ({ json: async () => body })
  const unconfirmed = {
    text: 'Not confirmed. It may have gone out; sending it again can’t double it.',
    retryText: 'Send again',
  }
  assert.deepEqual(await describeFailure(null), unconfirmed)
  assert.deepEqual(await describeFailure({ json: () => Promise.reject(new SyntaxError()) }), unconfirmed)
  assert.deepEqual(await describeFailure(problem({ type: 'unconfirmed', detail: 'x' })), unconfirmed)
  assert.deepEqual(await describeFailure(problem({ type: 'not-sent', detail: 'Not sent. Your words are kept here.' })),
    { text: 'Not sent. Your words are kept here.', retryText: 'Try again' })
  assert.deepEqual(await describeFailure(problem({ type: 'too-fast', detail: 'That was a lot at once.' })),
    { text: 'That was a lot at once.', retryText: 'Try again' })
})
