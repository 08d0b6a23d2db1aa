import assert from 'node:assert/strict'
import test from 'node:test'
import { reportTimeZone } from '../timezone.js'
import { watchAutosave } from '../autosave.js'

test('a time zone that the account lacks is posted once', t => {
  const posts = []
  t.mock.method(globalThis, 'fetch', async (url, { body }) => posts.push(url + '?' + body))
  reportTimeZone({ dataset: { zone: '' } })
  reportTimeZone({ dataset: { session: '1' } })
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)
  assert.deepEqual(posts, ['/account/zone?guess=1&time_zone=' + zone])
})

test('an error of a form that saves itself is shown at its status only', () => {
  const body = new EventTarget()
  watchAutosave(body)
  const dispatch = (name, selector) => {
    const event = new Event(name)
    event.detail = { shouldSwap: false, target: { textContent: '', matches: s => s === selector } }
    body.dispatchEvent(event)
    return event.detail
  }
  assert.equal(dispatch('htmx:beforeSwap', '[role=status]').shouldSwap, true)
  assert.equal(dispatch('htmx:beforeSwap', 'nav').shouldSwap, false)
  assert.match(dispatch('htmx:sendError', '[role=status]').target.textContent, /^Not saved/)
  assert.equal(dispatch('htmx:sendError', 'nav').target.textContent, '')
})
