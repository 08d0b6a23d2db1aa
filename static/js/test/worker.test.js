import { beforeEach, test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'

const source = readFileSync(new URL('../worker.js', import.meta.url), 'utf8')
const base = 'https://parley.example'
const conversation = n => '/conversations/00000000-0000-4000-8000-0000000000' + String(n).padStart(2, '0')

// Store stands in for a browser's Cache.
class Store {
  entries = new Map()
  async put(path, answer) {
    this.entries.set(base + path, answer)
  }
  async match(path) {
    return this.entries.get(base + path)?.clone()
  }
  async keys() {
    return [...this.entries.keys()].map(url => ({ url }))
  }
  async delete(path) {
    return this.entries.delete(path.url ?? base + path)
  }
  async addAll(paths) {
    for (const path of paths) await this.put(path, new Response('kept ' + path))
  }
}

let stores, listeners, network, late

beforeEach(async () => {
  stores = new Map()
  listeners = {}
  late = []
  const caches = {
    keys: async () => [...stores.keys()],
    open: async name => stores.get(name) ?? stores.set(name, new Store()).get(name),
    delete: async name => stores.delete(name),
    match: async path => {
      for (const store of stores.values()) if (await store.match(path)) return store.match(path)
    },
  }
  runInNewContext(source, {
    kept: ['/offline', '/static/main.js'], version: 'v1', note: '<p class="old-copy">at TIME.</p>',
    caches, Response, Headers, URL, Date, Promise, fetch: request => network(request.url ?? base + request),
    setTimeout: run => late.push(run), addEventListener: (name, listener) => { listeners[name] = listener },
    skipWaiting() {},
  })
  await dispatch('install')
})

// dispatch runs a listener and all that it waits for. It returns the answer, if there is one.
async function dispatch(name, event = {}) {
  const waits = []
  let answer
  listeners[name]({ ...event, waitUntil: wait => waits.push(wait), respondWith: promise => { answer = promise } })
  const result = await answer
  for (let i = 0; i < waits.length; i++) await waits[i]
  return result
}

const request = (path, { pane, method = 'GET' } = {}) => dispatch('fetch', {
  request: {
    url: base + path, method, mode: pane ? 'cors' : 'navigate', headers: new Headers(pane ? { 'HX-Target': 'pane' } : {}),
  },
})

const paneOf = words => `<main id="pane" data-pane="talk" data-title="${words} · Parley"><p>${words}</p></main>`
const pageOf = words => `<!doctype html><title>x</title><body data-pane="list">${paneOf(words)}` +
  '<template><main>loading</main></template></body>'
const online = (session, html) => { network = async () => new Response(html, { headers: { 'Parley-Session': session } }) }
const offline = () => { network = async () => { throw new TypeError('offline') } }
const words = async answer => (answer.type === 'error' ? 'error' : await answer.text())
const copies = async () => [...stores.keys()].filter(name => name !== 'v1')

test('a visited conversation opens offline, marked and in the newest frame', async () => {
  online('ada', pageOf('one'))
  assert.equal(await words(await request(conversation(1))), pageOf('one'))
  online('ada', paneOf('two'))
  await request(conversation(2), { pane: true })
  offline()
  const html = await words(await request(conversation(2)))
  assert.match(html, /<title>two · Parley<\/title><body data-pane="talk"><main [^>]*><p class="old-copy">at \d\d:\d\d\.<\/p><p>two<\/p><\/main><template><main>loading/)
  assert.match(await words(await request(conversation(1), { pane: true })), /^<main .*old-copy.*one/)
  assert.equal(await words(await request(conversation(3))), 'kept /offline')
  assert.equal(await words(await request(conversation(3), { pane: true })), 'error')
  assert.equal(await words(await request(conversation(1) + '?at=4')), 'kept /offline')
})

test('a copy is shown only while the network does not answer', async () => {
  online('ada', pageOf('old'))
  await request(conversation(1))
  online('ada', pageOf('new'))
  assert.equal(await words(await request(conversation(1))), pageOf('new'))
  network = () => new Promise(() => {})
  const answer = request(conversation(1))
  for (const run of late) await run()
  assert.match(await words(await answer), /old-copy.*new/)
})

test('copies end with the session, and no answer brings them back', async () => {
  for (const [what, end] of Object.entries({
    'sign-out': () => request('/signout', { method: 'POST' }),
    event: () => dispatch('message', { data: 'signout' }),
    'sign-in page': () => {
      network = async () => new Response('sign in')
      return request('/signin?next=%2F')
    },
    'an answer that requires a session': () => {
      network = async () => new Response('', { status: 401 })
      return request(conversation(1), { pane: true })
    },
  })) {
    online('ada', pageOf('secret'))
    await request(conversation(1))
    assert.deepEqual(await copies(), ['v1 ada'], what)
    let answered
    network = () => new Promise(done => { answered = done })
    const under = request(conversation(2))
    await end()
    answered(new Response(pageOf('late'), { headers: { 'Parley-Session': 'ada' } }))
    await under
    assert.deepEqual(await copies(), [], what)
  }
})

test('another session has none of the copies', async () => {
  online('ada', pageOf('Ada’s'))
  await request(conversation(1))
  online('bob', '<!doctype html><main>Bob’s account</main>')
  await request('/account')
  assert.deepEqual(await copies(), [])
  offline()
  assert.equal(await words(await request(conversation(1))), 'kept /offline')
})

test('an outage removes nothing, and 20 conversations are kept', async () => {
  online('ada', pageOf('x'))
  for (let n = 1; n <= 25; n++) await request(conversation(n))
  await request(conversation(6)) // now the newest
  network = async () => new Response('Something broke', { status: 503 })
  await request('/account')
  const kept = [...stores.get('v1 ada').entries.keys()].filter(url => url.includes('/conversations/'))
  assert.equal(kept.length, 20)
  assert.ok(kept.at(-1).endsWith(conversation(6)))
  assert.ok(kept[0].endsWith(conversation(7)))
})

test('a document that was loaded before the worker has its page copied', async () => {
  online('ada', pageOf('first'))
  await dispatch('message', { data: conversation(1) })
  offline()
  assert.match(await words(await request(conversation(1))), /first/)
})

test('a new version removes the copies of the old one', async () => {
  stores.set('v0', new Store()).set('v0 ada', new Store()).set('v1 ada', new Store())
  await dispatch('activate')
  assert.deepEqual([...stores.keys()].sort(), ['v1', 'v1 ada'])
})
