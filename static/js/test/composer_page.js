// A page with a composer, as far as saveDrafts and shareTyping need it.
import { mock } from 'node:test'
import { saveDrafts } from '../drafts.js'
import { shareTyping } from '../typing.js'

// composerPage returns the page. Its posts are the requests to the server.
export function composerPage({ draft = '', typing = true } = {}) {
  const posts = []
  const page = { ok: true, spent: '', posts, wait: null }
  globalThis.fetch = async (url, { body }) => {
    posts.push({ url, ...Object.fromEntries(body) })
    await page.wait
    return body.get('client_id') === page.spent ? { ok: false, status: 409 } : { ok: page.ok }
  }
  page.window = new EventTarget()
  globalThis.addEventListener = (...args) => page.window.addEventListener(...args)
  page.log = { scrollTop: 0 }
  page.typing = typing ? typingElement(page.log) : null
  page.pane = Object.assign(new EventTarget(), { querySelector: () => page.typing })
  page.form = new EventTarget()
  page.form.elements = { client_id: { value: 'c1' }, draft: { value: draft && 'c1' } }
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

  Object.assign(page, { id: 'c', me: 'ada', url: '/conversations/c' })
  saveDrafts(page.box, page)
  shareTyping(page.box, page)
  return page
}

function typingElement(log) {
  return {
    hidden: true,
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
