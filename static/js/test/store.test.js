import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../store.js'
import { fakeIndexedDB } from './fake_indexeddb.js'

const draft = (person, conversation, body) => ({ person, conversation, body })
const bodies = async (store, person) => (await store.all('drafts', person)).map(({ body }) => body)

test('what one page keeps, the next one has', async () => {
  const browser = fakeIndexedDB()
  const page = new Store(browser)
  page.put('drafts', draft('ada', 'c1', 'hel'))
  await page.put('drafts', draft('ada', 'c1', 'hello'))
  const next = new Store(browser)
  assert.deepEqual(await bodies(next, 'ada'), ['hello'])
  assert.equal(page.durable, true)
  await next.delete('drafts', { person: 'ada', conversation: 'c1' })
  assert.deepEqual(await bodies(page, 'ada'), [])
})

test('nobody reads the words of another person, and signing out leaves those', async () => {
  const store = new Store(fakeIndexedDB())
  await store.put('drafts', draft('ada', 'c1', 'of Ada'))
  await store.put('drafts', draft('bob', 'c1', 'of Bob'))
  await store.put('outbox', { person: 'ada', conversation: 'c1', client: 'm1' })
  assert.deepEqual(await bodies(store, 'ada'), ['of Ada'])
  await store.clear('ada')
  assert.deepEqual(await bodies(store), ['of Bob'])
  assert.deepEqual(await store.all('outbox'), [])
})

for (const [when, broken] of Object.entries({
  'the browser refuses': () => Object.assign(fakeIndexedDB(), { refused: true }),
  'the browser has none': () => undefined,
})) {
  test(when + ': the words are in memory, and the page can say so', async () => {
    const store = new Store(broken())
    await store.put('drafts', draft('ada', 'c1', 'hello'))
    await store.put('drafts', draft('bob', 'c1', 'other'))
    assert.equal(store.durable, false)
    assert.deepEqual(await bodies(store, 'ada'), ['hello'])
    await store.clear('ada')
    assert.deepEqual(await bodies(store), ['other'])
  })
}

test('no room: the newer words are in memory until there is room', async () => {
  const browser = fakeIndexedDB()
  const store = new Store(browser)
  await store.put('drafts', draft('ada', 'c1', 'hel'))
  browser.full = true
  await store.put('drafts', draft('ada', 'c1', 'hello'))
  assert.equal(store.durable, false)
  assert.deepEqual(await bodies(store, 'ada'), ['hello'])
  browser.full = false
  await store.put('drafts', draft('ada', 'c1', 'hello again'))
  assert.equal(store.durable, true)
  assert.deepEqual(await bodies(new Store(browser), 'ada'), ['hello again'])
})
