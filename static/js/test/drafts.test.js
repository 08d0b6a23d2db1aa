import { test, mock } from 'node:test'
import assert from 'node:assert/strict'
import { fitsServer, isNewer } from '../drafts.js'
import { composerPage, fakeTimers, settled } from './composer_page.js'
import { fakeIndexedDB } from './fake_indexeddb.js'

test('a draft is saved a second after the typing stops, and not twice', async t => {
  fakeTimers(t)
  const p = composerPage()
  p.type('h')
  mock.timers.tick(900)
  p.type('he')
  mock.timers.tick(999)
  await settled()
  assert.deepEqual(p.drafts(), [])
  mock.timers.tick(1)
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he'])
  assert.equal(p.form.elements.draft.value, 'c1')
  p.box.dispatchEvent(new Event('change'))
  p.window.dispatchEvent(new Event('pagehide'))
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he'])
})

test('it is saved when the page is left, and deleted when the box is emptied', async t => {
  fakeTimers(t)
  const p = composerPage({ draft: 'kept' })
  p.window.dispatchEvent(new Event('pagehide'))
  assert.deepEqual(p.drafts(), [])
  p.type('kept and more')
  p.window.dispatchEvent(new Event('pagehide'))
  await settled()
  p.type('')
  mock.timers.tick(1000)
  await settled()
  assert.deepEqual(p.drafts(), ['c1 kept and more', 'c1 '])
})

test('a draft whose save failed is saved again', async t => {
  fakeTimers(t)
  const p = composerPage()
  p.ok = false
  p.type('he')
  mock.timers.tick(1000)
  await settled()
  p.ok = true
  p.box.dispatchEvent(new Event('change'))
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he', 'c1 he'])
})

test('drafts are saved in order, and none after its message', async t => {
  fakeTimers(t)
  const p = composerPage()
  let answer
  p.wait = new Promise(done => { answer = done })
  p.type('he')
  mock.timers.tick(1000)
  await settled()
  p.type('hello')
  mock.timers.tick(1000) // the first save is unanswered
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he'])
  p.send()
  answer()
  p.wait = null
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he'])
  p.type('next')
  mock.timers.tick(1000)
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he', 'c2 next'])
})

test('a removed message leaves no draft', async t => {
  fakeTimers(t)
  const p = composerPage()
  p.type('he')
  mock.timers.tick(1000)
  p.send()
  p.box.dispatchEvent(new Event('removed'))
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he', 'c2 '])
})

test('a draft of the loaded page keeps its client id', t => {
  fakeTimers(t)
  const p = composerPage({ draft: 'kept' })
  p.form.elements.client_id.value = 'c7' // the composer renews it on pageshow
  p.window.dispatchEvent(new Event('pageshow'))
  assert.equal(p.form.elements.client_id.value, 'c1')
})

test('what is typed on under the id of a message that was sent elsewhere is saved under another', async t => {
  fakeTimers(t)
  const p = composerPage({ draft: 'hello' })
  p.spent = 'c1'
  p.type('hello again')
  mock.timers.tick(1000)
  await settled()
  const id = p.form.elements.client_id.value
  assert.notEqual(id, 'c1')
  assert.deepEqual(p.drafts(), ['c1 hello again', id + ' hello again'])
  assert.equal(p.form.elements.draft.value, id)
})

test('a late answer about a message that this page sent changes nothing', async t => {
  fakeTimers(t)
  const p = composerPage()
  let answer
  p.wait = new Promise(done => { answer = done })
  p.spent = 'c1'
  p.type('he')
  mock.timers.tick(1000)
  await settled()
  p.send()
  answer()
  await settled()
  assert.equal(p.form.elements.client_id.value, 'c2')
  assert.deepEqual(p.drafts(), ['c1 he'])
})

test('a message with the client id of the box empties an unchanged one, and keeps the words of another', async t => {
  fakeTimers(t)
  const same = composerPage({ draft: 'hello' })
  same.box.dispatchEvent(new Event('spent'))
  await settled()
  assert.equal(same.box.value, '')
  assert.deepEqual(same.drafts(), []) // another page may have begun the next message

  const changed = composerPage({ draft: 'hello' })
  changed.type('hello again')
  changed.box.dispatchEvent(new Event('spent'))
  await settled()
  const id = changed.form.elements.client_id.value
  assert.equal(changed.box.value, 'hello again')
  assert.deepEqual(changed.drafts(), [id + ' hello again'])
})

// stored lets the browser's database finish.
const stored = async () => { for (let i = 0; i < 20; i++) await new Promise(setImmediate) }

test('a page that is left at once has lost nothing', async t => {
  fakeTimers(t)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser, draft: 'hello' })
  await stored()
  p.type('hello world')
  await stored()
  const next = composerPage({ browser, draft: 'hello' })
  await next.restored
  await stored()
  assert.equal(next.box.value, 'hello world')
  assert.equal(next.form.elements.client_id.value, 'c1')
  assert.deepEqual(next.drafts(), ['c1 hello world'])
  const last = composerPage({ browser, draft: 'hello world' })
  await last.restored
  assert.equal(last.box.value, 'hello world')
  assert.deepEqual(await last.outbox.store.all('drafts'), [], 'the server has it')
})

test('the words of one person are not given to another', async t => {
  fakeTimers(t)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser })
  p.type('of Ada')
  await stored()
  const other = composerPage({ browser, me: 'bob' })
  await other.restored
  assert.equal(other.box.value, '')
  const same = composerPage({ browser })
  await same.restored
  assert.equal(same.box.value, 'of Ada')
})

test('a deleted draft does not come back', async t => {
  fakeTimers(t)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser, draft: 'hello' })
  p.type('')
  await stored()
  const next = composerPage({ browser, draft: 'hello' })
  await next.restored
  assert.equal(next.box.value, '')
})

test('a sent message leaves no draft on the device', async t => {
  fakeTimers(t)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser })
  p.type('hello')
  p.send()
  await stored()
  const next = composerPage({ browser })
  await next.restored
  assert.equal(next.box.value, '')
})

test('a message that waits in the outbox is not restored as a draft', async t => {
  fakeTimers(t)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser })
  p.type('hello')
  await stored()
  const next = composerPage({ browser })
  next.outbox.items = [{ client: 'c1' }]
  await next.restored
  assert.equal(next.box.value, '')
})

test('the newer of two drafts is shown', () => {
  const kept = { body: 'here', at: 100, known: ['', 'her'] }
  assert(isNewer(kept, { body: '', at: 0 }))
  assert(isNewer(kept, { body: 'her', at: 200 }), 'the server’s is from here')
  assert(!isNewer(kept, { body: 'here', at: 50 }), 'the server has it')
  assert(!isNewer(kept, { body: 'elsewhere', at: 200 }))
  assert(isNewer(kept, { body: 'elsewhere', at: 50 }))
})

test('what is too long for the server is kept on the device', async t => {
  fakeTimers(t)
  assert(fitsServer('😳'.repeat(4000)))
  const text = 'x'.repeat(16001)
  const browser = fakeIndexedDB()
  const p = composerPage({ browser })
  p.type(text)
  mock.timers.tick(1000)
  await stored()
  assert.deepEqual(p.drafts(), [])
  const next = composerPage({ browser })
  await next.restored
  assert.equal(next.box.value, text)
})

test('a draft that can’t be saved is saved when the connection is back', async t => {
  fakeTimers(t)
  const p = composerPage()
  p.ok = false
  p.type('he')
  mock.timers.tick(1000)
  await settled()
  p.ok = true
  p.source.dispatchEvent(new Event('ready'))
  await settled()
  assert.deepEqual(p.drafts(), ['c1 he', 'c1 he'])
})
