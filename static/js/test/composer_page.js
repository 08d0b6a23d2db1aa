// A page with a composer, as far as saveDrafts and shareTyping need it.
import { mock } from 'node:test'
import { Outbox } from '../outbox.js'
import { Store } from '../store.js'
import { saveDrafts } from '../drafts.js'
import { shareTyping } from '../typing.js'

// composerPage returns the page. Its posts are the requests to the server. browser is the factory of
// the browser's database, which pages share.
export function composerPage({ draft = '', at = 0, typing = true, browser, me = 'ada' } = {}) {
  const posts = []
  const page = { ok: true, spent: '', posts, wait: null }
  globalThis.fetch = async (url, { body }) => {
    const fields = Object.fromEntries(new URLSearchParams(body))
    posts.push({ url, ...fields })
    await page.wait
    return fields.client_id === page.spent ? { ok: false, status: 409 } : { ok: page.ok }
  }
  page.window = new EventTarget()
  globalThis.addEventListener = (...args) => page.window.addEventListener(...args)
  page.log = { scrollTop: 0 }
  page.typing = typing ? typingElement(page.log) : null
  globalThis.document = { body: { dataset: { me }, dispatchEvent: () => {} } }
  page.pane = Object.assign(new EventTarget(), { querySelector: s => (s === '#typing' ? page.typing : page.names?.[s]) })
  page.form = new EventTarget()
  page.form.elements = { client_id: { value: 'c1' }, draft: { value: draft && 'c1', dataset: { at } }, returned: { value: '' } }
  page.box = Object.assign(new EventTarget(), { form: page.form, value: draft, defaultValue: draft })
  page.source = new EventTarget()

  page.type = text => {
    page.box.value = text
    page.box.dispatchEvent(new Event('input'))
  }
  page.send = () => { // as the composer does, whose handler runs first
    page.box.value = ''
    page.form.elements.client_id.value = 'c' + (1 + +page.form.elements.client_id.value.slice(1))
    page.form.dispatchEvent(new Event('submit'))
  }
  page.receive = (name, event) => {
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    page.source.dispatchEvent(Object.assign(new Event(name), { data }))
  }
  page.drafts = () => posts.filter(p => p.url.endsWith('/draft')).map(p => p.client_id + ' ' + p.body)
  page.reports = () => posts.filter(p => p.url.endsWith('/typing'))

  Object.assign(page, { id: 'c', me, url: '/conversations/c', outbox: new Outbox(me, new Store(browser), null, null) })
  page.restored = saveDrafts(page.box, page)
  shareTyping(page.box, page)
  return page
}

function typingElement(log) {
  return {
    hidden: true,
    dataset: {},
    lastChild: {},
    closest: () => log,
    get offsetHeight() { return this.hidden ? 0 : 30 },
  }
}

// settled lets pending promises continue.
export const settled = async () => { for (let i = 0; i < 20; i++) await Promise.resolve() }

// fakeTimers replaces the clock until the test ends.
export function fakeTimers(t) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  t.after(() => mock.timers.reset())
}
