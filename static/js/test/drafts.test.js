import { test, mock } from 'node:test'
import assert from 'node:assert/strict'
import { write } from '../writing.js'

// A page with a box, as much of it as write needs. posts are what was asked of the server.
function page({ draft = '', typing = true } = {}) {
  const posts = []
  const state = { ok: true, posts, wait: null }
  globalThis.fetch = async (url, { body }) => {
    const post = { url, ...Object.fromEntries(body) }
    posts.push(post)
    await state.wait
    return { ok: state.ok }
  }
  state.window = new EventTarget()
  globalThis.addEventListener = (...args) => state.window.addEventListener(...args)
  const log = { scrollTop: 0 }
  state.typing = typing ? { hidden: true, closest: () => log, get offsetHeight() { return this.hidden ? 0 : 30 } } : null
  state.log = log
  globalThis.document = { getElementById: () => state.typing }
  state.form = new EventTarget()
  state.form.elements = { client_id: { value: 'c1' }, draft: { value: draft && 'c1' } }
  state.box = Object.assign(new EventTarget(), { form: state.form, value: draft, defaultValue: draft })
  state.source = new EventTarget()
  state.type = text => {
    state.box.value = text
    state.box.dispatchEvent(new Event('input'))
  }
  state.send = () => { // as the composer does, before write hears of it
    state.box.value = ''
    state.form.elements.client_id.value = 'c' + (1 + +state.form.elements.client_id.value.slice(1))
    state.form.dispatchEvent(new Event('submit'))
  }
  state.hear = (name, data) => state.source.dispatchEvent(Object.assign(new Event(name), { data: typeof data === 'string' ? data : JSON.stringify(data) }))
  state.drafts = () => posts.filter(p => p.url.endsWith('/draft')).map(p => p.client_id + ' ' + p.body)
  state.told = () => posts.filter(p => p.url.endsWith('/typing')).length
  write(state.box, { dataset: { conversation: 'talk', me: 'ada' } }, state.source)
  return state
}

const settle = async () => { for (let i = 0; i < 20; i++) await Promise.resolve() }
const timers = t => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  t.after(() => mock.timers.reset())
}

test('a draft is saved a second after the typing stops, and not twice', async t => {
  timers(t)
  const p = page()
  p.type('h')
  mock.timers.tick(900)
  p.type('he')
  mock.timers.tick(999)
  await settle()
  assert.deepEqual(p.drafts(), [])
  mock.timers.tick(1)
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he'])
  assert.equal(p.form.elements.draft.value, 'c1')
  p.box.dispatchEvent(new Event('change'))
  p.window.dispatchEvent(new Event('pagehide'))
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he'])
})

test('it is saved when the page is left, and forgotten when the box is emptied', async t => {
  timers(t)
  const p = page({ draft: 'kept' })
  p.window.dispatchEvent(new Event('pagehide'))
  assert.deepEqual(p.drafts(), [])
  p.type('kept and more')
  p.window.dispatchEvent(new Event('pagehide'))
  await settle()
  p.type('')
  mock.timers.tick(1000)
  await settle()
  assert.deepEqual(p.drafts(), ['c1 kept and more', 'c1 '])
})

test('one that failed is saved again', async t => {
  timers(t)
  const p = page()
  p.ok = false
  p.type('he')
  mock.timers.tick(1000)
  await settle()
  p.ok = true
  p.box.dispatchEvent(new Event('change'))
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he', 'c1 he'])
})

test('drafts go in order, and none after its message', async t => {
  timers(t)
  const p = page()
  let answer
  p.wait = new Promise(done => { answer = done })
  p.type('he')
  mock.timers.tick(1000)
  await settle()
  p.type('hello')
  mock.timers.tick(1000) // the first one has no answer yet
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he'])
  p.send()
  answer()
  p.wait = null
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he'])
  p.type('next')
  mock.timers.tick(1000)
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he', 'c2 next'])
})

test('a message that was removed takes its draft along', async t => {
  timers(t)
  const p = page()
  p.type('he')
  mock.timers.tick(1000)
  p.send()
  p.box.dispatchEvent(new Event('removed'))
  await settle()
  assert.deepEqual(p.drafts(), ['c1 he', 'c2 '])
})

test('a draft that came with the page keeps its client id', t => {
  timers(t)
  const p = page({ draft: 'kept' })
  p.form.elements.client_id.value = 'c7' // the composer renews it whenever a page is shown
  p.window.dispatchEvent(new Event('pageshow'))
  assert.equal(p.form.elements.client_id.value, 'c1')
})

test('typing is told at most every 3 s, of text only, and nothing of it', t => {
  timers(t)
  mock.timers.tick(1e6)
  const p = page()
  for (let i = 0; i < 61; i++) {
    p.type('x'.repeat(i))
    mock.timers.tick(100)
  }
  assert.equal(p.told(), 2)
  assert.ok(p.posts.filter(post => post.url.endsWith('/typing')).every(post => Object.keys(post).length === 1))
  const hidden = page({ typing: false })
  hidden.type('x')
  assert.equal(hidden.told(), 0)
})

test('the other’s typing is shown until it expires, or their message comes', t => {
  timers(t)
  const p = page()
  const bob = { conversation_id: 'talk', person: 'bob' }
  p.hear('typing', { conversation_id: 'other', person: 'bob' })
  p.hear('typing', { conversation_id: 'talk', person: 'ada' })
  assert.equal(p.typing.hidden, true)
  p.hear('typing', bob)
  mock.timers.tick(4000)
  p.hear('typing', bob)
  mock.timers.tick(5999)
  assert.equal(p.typing.hidden, false)
  mock.timers.tick(1)
  assert.equal(p.typing.hidden, true)
  p.hear('typing', bob)
  p.hear('message', '<li data-sender="ada">')
  assert.equal(p.typing.hidden, false)
  p.hear('message', '<li data-sender="bob">')
  assert.equal(p.typing.hidden, true)
  p.log.scrollTop = -500 // reading further up: that stays in its place
  p.hear('typing', bob)
  assert.equal(p.log.scrollTop, -530)
  mock.timers.tick(6000)
  assert.equal(p.log.scrollTop, -500)
})
