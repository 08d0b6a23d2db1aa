import assert from 'node:assert/strict'
import test from 'node:test'
import { tellZone } from '../timezone.js'
import { watchSaving } from '../autosave.js'

test('a zone that the account doesn\'t have is told, once', t => {
  const posts = []
  t.mock.method(globalThis, 'fetch', async (url, { body }) => posts.push(url + '?' + body))
  tellZone({ dataset: { zone: '' } })
  tellZone({ dataset: { session: '1' } })
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)
  assert.deepEqual(posts, ['/account/zone?guess=1&time_zone=' + zone])
})

test('an error of a form that saves by itself is shown at its status, and nowhere else', () => {
  const body = new EventTarget()
  watchSaving(body)
  const tell = (name, selector) => {
    const event = new Event(name)
    event.detail = { shouldSwap: false, target: { textContent: '', matches: s => s === selector } }
    body.dispatchEvent(event)
    return event.detail
  }
  assert.equal(tell('htmx:beforeSwap', '[role=status]').shouldSwap, true)
  assert.equal(tell('htmx:beforeSwap', 'nav').shouldSwap, false)
  assert.match(tell('htmx:sendError', '[role=status]').target.textContent, /^Not saved/)
  assert.equal(tell('htmx:sendError', 'nav').target.textContent, '')
})
