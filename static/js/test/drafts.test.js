import { test, mock } from 'node:test'
import assert from 'node:assert/strict'
import { composerPage, fakeTimers, settled } from './composer_page.js'

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
