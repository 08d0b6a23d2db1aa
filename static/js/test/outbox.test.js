import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Outbox, clientID, deliver, remaining } from '../outbox.js'
import { Store } from '../store.js'
import { fakeIndexedDB } from './fake_indexeddb.js'

const turn = () => new Promise(setImmediate)
const settled = async () => { for (let i = 0; i < 30; i++) await turn() }

// browser is what pages share: a store, a lock and a channel. Its pages' sends wait for answer().
function browser(t) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  t.after(() => mock.timers.reset())
  const database = fakeIndexedDB()
  const sent = []
  const answers = []
  const channels = new Set()
  const held = new Map()
  const locks = {
    request: (name, act) => {
      const turn = (held.get(name) ?? Promise.resolve()).catch(() => {}).then(act)
      held.set(name, turn)
      return turn
    },
  }
  const send = item => {
    sent.push(item.client)
    return new Promise(resolve => answers.push(resolve))
  }
  const page = async (person = 'ada') => {
    const outbox = new Outbox(person, new Store(database), send, locks)
    const shown = []
    outbox.addEventListener('item', ({ item, html }) => {
      shown.push([item.client, item.state, item.text, html].filter(Boolean).join(' '))
    })
    const channel = {
      postMessage: data => {
        for (const other of channels) if (other !== channel) setImmediate(() => other.onmessage({ data: structuredClone(data) }))
      },
      close: () => channels.delete(channel),
    }
    channels.add(channel)
    outbox.connect(channel)
    await settled()
    return Object.assign(outbox, { shown })
  }
  const answer = async result => {
    answers.shift()(result)
    await settled()
  }
  const wait = async ms => {
    mock.timers.tick(ms)
    await settled()
  }
  return { page, sent, answer, wait, answers, database }
}

const message = (client, conversation = 'c1') => ({ client, conversation, body: 'text of ' + client })
const clients = outbox => outbox.items.map(({ client }) => client).join(' ')
const done = { html: '<li>' }
const refused = { state: 'refused', text: 'No.' }
const waiting = { state: 'waiting', text: 'Waiting for a connection' }

test('messages of a conversation are sent one at a time, in order; conversations don’t wait', async t => {
  const { page, sent, answer } = browser(t)
  const outbox = await page()
  for (const m of [message('a'), message('b'), message('x', 'c2'), message('c')]) outbox.push(m)
  assert.equal(clients(outbox), 'a b x c')
  await settled()
  assert.deepEqual(sent, ['a', 'x'])
  await answer(done)
  assert.deepEqual(sent, ['a', 'x', 'b'])
  await answer(done)
  await answer(done)
  await answer(done)
  assert.deepEqual(sent, ['a', 'x', 'b', 'c'])
  assert.deepEqual(outbox.items, [])
  assert.deepEqual(outbox.shown.filter(s => s.startsWith('a')), ['a pending', 'a sending', 'a sent <li>'])
})

test('without an answer a message is sent again by itself, and the later ones after it', async t => {
  const { page, sent, answer, wait } = browser(t)
  const outbox = await page()
  outbox.push(message('a'))
  outbox.push(message('b'))
  await settled()
  await answer(waiting)
  assert.deepEqual(outbox.shown.at(-1), 'a waiting Waiting for a connection')
  await wait(1000)
  await answer(waiting)
  assert.deepEqual(sent, ['a', 'a'])
  await wait(500)
  assert.deepEqual(sent, ['a', 'a'], 'the second wait is longer')
  await wait(1500)
  await answer(done)
  assert.deepEqual(sent, ['a', 'a', 'a', 'b'])
  assert(!outbox.shown.includes('a sending Waiting for a connection'), 'the words don’t flicker')
})

test('Retry-After is waited for, and a connection ends other waits', async t => {
  const { page, sent, answer, wait } = browser(t)
  const outbox = await page()
  outbox.push(message('a'))
  await settled()
  await answer({ state: 'waiting', text: 'Waiting', answer: { headers: new Headers({ 'Retry-After': '20' }) } })
  await wait(19e3)
  assert.deepEqual(sent, ['a'])
  await wait(1e3)
  assert.deepEqual(sent, ['a', 'a'])
  await answer(waiting)
  outbox.run()
  await settled()
  assert.deepEqual(sent, ['a', 'a', 'a'])
})

test('a refused message waits for the person, and nothing waits for it', async t => {
  const { page, sent, answer } = browser(t)
  const outbox = await page()
  outbox.push(message('a'))
  outbox.push(message('b'))
  await settled()
  await answer(refused)
  await answer(done)
  assert.deepEqual(outbox.shown.filter(s => s.startsWith('a')).at(-1), 'a refused No.')
  const later = await page()
  assert.equal(later.items[0].state + later.items[0].text, 'refusedNo.', 'after a reload, too')
  assert.deepEqual(sent, ['a', 'b'])
  outbox.retry('a')
  await settled()
  assert.deepEqual(sent, ['a', 'b', 'a'])
  await answer(refused)
  outbox.remove('a', 'removed')
  await settled()
  assert.equal(clients(outbox) + clients(later) + clients(await page()), '')
})

test('received before its answer: not sent twice, and a late failure is ignored', async t => {
  const { page, sent, answer } = browser(t)
  const outbox = await page()
  outbox.push(message('a'))
  outbox.push(message('b'))
  await settled()
  outbox.remove('a')
  await settled()
  assert.deepEqual(sent, ['a'], 'still one at a time')
  await answer(waiting)
  assert.deepEqual(sent, ['a', 'b'])
  assert(!outbox.shown.includes('a waiting'))
  await answer(done)
  assert.deepEqual(outbox.items, [])
})

test('what a closed page left is sent by the next one, in order', async t => {
  const { page, sent, answer, answers } = browser(t)
  const first = await page()
  first.push(message('a'))
  first.push(message('b'))
  await settled()
  first.disconnect()
  answers.shift()(waiting) // the browser gives up its posts, and its lock
  first.lines.clear()
  await settled()
  const next = await page()
  assert.equal(clients(next), 'a b')
  assert.deepEqual(sent, ['a', 'a'])
  await answer(done)
  await answer(done)
  assert.deepEqual(sent, ['a', 'a', 'b'])
})

test('of several pages one sends, and all show it', async t => {
  const { page, sent, answer } = browser(t)
  const [one, two] = [await page(), await page()]
  one.push(message('a'))
  await settled()
  two.run()
  await settled()
  assert.deepEqual(sent, ['a'])
  assert.deepEqual(two.shown, ['a pending', 'a sending'])
  await answer(done)
  assert.deepEqual(two.shown.at(-1), 'a sent <li>')
  assert.deepEqual(sent, ['a'])
})

test('a page whose neighbour is closed goes on at once', async t => {
  const { page, sent, answer } = browser(t)
  const [one, two] = [await page(), await page()]
  one.push(message('a'))
  await settled()
  await answer(waiting)
  one.disconnect()
  await settled()
  assert.deepEqual(sent, ['a', 'a'])
  await answer(done)
  assert.equal(clients(two), '')
})

test('who is signed out keeps the words, for a sign-in of the same person', async t => {
  const { page, sent, answer, wait } = browser(t)
  const outbox = await page()
  outbox.push(message('a'))
  await settled()
  await answer({ state: 'signin', text: 'Sign in to send this' })
  await wait(60e3)
  assert.deepEqual(sent, ['a'], 'nothing is tried in vain')
  assert.deepEqual(outbox.shown.at(-1), 'a signin Sign in to send this')
  assert.equal(clients(await page('bob')), '')
  outbox.disconnect()
  const again = await page()
  assert.deepEqual(sent, ['a', 'a'])
  await answer(done)
  assert.equal(clients(again), '')
})

test('signing out removes the words, in all pages', async t => {
  const { page, answer } = browser(t)
  const [one, two] = [await page(), await page()]
  one.push(message('a'))
  await settled()
  await two.clear()
  await settled()
  assert.equal(clients(one) + clients(two), '')
  assert(one.cleared)
  await answer(waiting)
  assert.equal(clients(one) + clients(await page()), '')
})

test('without a database a page sends all the same', async t => {
  const { page, sent, answer, database } = browser(t)
  database.refused = true
  const outbox = await page()
  outbox.push(message('a'))
  await settled()
  await answer(done)
  assert.deepEqual(sent, ['a'])
  assert.equal(outbox.store.durable, false)
})

test('what an answer means', async t => {
  const item = { ...message('a'), person: 'ada', draft: true }
  const post = async answer => {
    const mocked = t.mock.method(globalThis, 'fetch', answer)
    const { state, text, html } = await deliver(item)
    mocked.mock.restore()
    return html ?? state + ': ' + text
  }
  const problem = (status, type, detail) => async () => Response.json({ type, detail }, { status })
  assert.equal(await post(async () => new Response('<li>', { status: 201 })), '<li>')
  const lost = 'waiting: Waiting for a connection'
  assert.equal(await post(async () => { throw new TypeError('Failed to fetch') }), lost)
  for (const answer of [
    async () => new Response('<h1>Welcome to our hotel</h1>'),
    async () => new Response('nginx', { status: 404 }),
    problem(503, 'unconfirmed', 'x'), problem(503, 'not-sent', 'x'), problem(500, 'internal', 'x'),
    problem(429, 'too-fast', 'x'),
  ]) assert.equal(await post(answer), 'waiting: Waiting')
  assert.equal(await post(problem(401, 'signed-out', 'x')), 'signin: Sign in to send this')
  for (const status of [422, 403, 404, 413]) {
    assert.equal(await post(problem(status, 'any', 'No.')), 'refused: No.')
  }
})

test('a post says whose it is, and only a small one outlives its page', async t => {
  const requests = []
  t.mock.method(globalThis, 'fetch', async (url, options) => {
    requests.push(options)
    return new Response('', { status: 201 })
  })
  await deliver({ ...message('a'), person: 'ada' })
  await deliver({ ...message('b'), person: 'ada', body: '漢'.repeat(4000) })
  assert.deepEqual(requests.map(r => r.keepalive), [true, false])
  assert.equal(requests[0].headers['Parley-Person'], 'ada')
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
