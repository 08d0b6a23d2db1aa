import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox, clientID, failure, room } from '../outbox.js'

// bench gives an outbox whose sends are answered by hand.
function bench() {
  const sent = []
  const said = []
  const answers = []
  const outbox = new Outbox(item => {
    sent.push(item.client)
    return new Promise(resolve => answers.push(resolve))
  }, (item, state) => said.push(item.client + ' ' + state))
  const answer = async failure => {
    answers.shift()(failure)
    await new Promise(setImmediate)
  }
  return { outbox, sent, said, answer }
}
const item = client => ({ client })

test('messages go one at a time, in order', async () => {
  const { outbox, sent, answer } = bench()
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
  const { outbox, sent, said, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({ words: 'Not sent.' })
  outbox.push(item('c'))
  assert.deepEqual(sent, ['a'])
  assert.deepEqual(outbox.items.map(i => i.client), ['a', 'b', 'c'])
  assert.deepEqual(said, ['a pending', 'a sending', 'b pending', 'a unsent', 'c pending'])
})

test('sending again begins with the one that failed', async () => {
  const { outbox, sent, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.again()
  assert.deepEqual(sent, ['a', 'a'])
  await answer()
  assert.deepEqual(sent, ['a', 'a', 'b'])
})

test('one that is taken away lets the next go', async () => {
  const { outbox, sent, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.settle('a')
  assert.deepEqual(sent, ['a', 'b'])
})

test('seen in the stream before its answer: not sent twice, and a failure that comes late is none', async () => {
  const { outbox, sent, said, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  outbox.settle('a')
  assert.deepEqual(sent, ['a'], 'one at a time still')
  await answer({ words: 'Not confirmed.' })
  assert.deepEqual(sent, ['a', 'b'])
  assert(!said.includes('a unsent'))
  await answer()
  assert.deepEqual(outbox.items, [])
})

test('an unconfirmed one that turns up in the stream lets the next go', async () => {
  const { outbox, sent, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({ words: 'Not confirmed.' })
  outbox.settle('a')
  assert.deepEqual(sent, ['a', 'b'])
})

test('what was seen and is not at the head changes nothing else', async () => {
  const { outbox, sent, answer } = bench()
  outbox.push(item('a'))
  outbox.push(item('b'))
  await answer({})
  outbox.settle('b')
  outbox.settle('other')
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

test('room is counted in code points', () => {
  assert.equal(room(''), 4000)
  assert.equal(room('😳'.repeat(4000)), 0)
  assert.equal(room('x'.repeat(4012)), -12)
  assert(new TextEncoder().encode('😳'.repeat(4000)).length <= 16000)
})

test('a failure says what is known', async () => {
  const problem = body => ({ json: async () => body })
  const unconfirmed = { words: 'Not confirmed. It may have gone out; sending it again can’t double it.', again: 'Send again' }
  assert.deepEqual(await failure(null), unconfirmed)
  assert.deepEqual(await failure({ json: () => Promise.reject(new SyntaxError()) }), unconfirmed)
  assert.deepEqual(await failure(problem({ type: 'unconfirmed', detail: 'x' })), unconfirmed)
  assert.deepEqual(await failure(problem({ type: 'not-sent', detail: 'Not sent. Your words are kept here.' })),
    { words: 'Not sent. Your words are kept here.', again: 'Try again' })
  assert.deepEqual(await failure(problem({ type: 'too-fast', detail: 'That was a lot at once.' })),
    { words: 'That was a lot at once.', again: 'Try again' })
})
