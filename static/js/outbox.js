// Outbox: the messages of a person that aren't confirmed yet. It sends those of a conversation one
// at a time, in order; conversations don't wait for each other. All pages of the browser and the
// service worker share it: a lock makes one of them send, and a channel shows the others what
// happens. A message is sent again until the server accepts or refuses it; a repeat can't double it,
// because its client id stays. It needs no DOM.
import { coalesce, withRetry } from './timing.js'
import { request } from './request.js'

// Outbox dispatches "item" with {item, html} when an item changes. An item is {person, conversation,
// client, body, returned, draft, created, state, text}. Its state is pending, sending, waiting,
// refused or signin (text says why), and at its end sent (html is its row, if known) or removed.
export class Outbox extends EventTarget {
  items = [] // in the order in which they were written
  lines = new Map() // the function that sends, by conversation
  gone = new Set() // the client ids of former items
  cleared = false // the person has signed out

  constructor(person, store, send = deliver, locks = globalThis.navigator?.locks) {
    super()
    Object.assign(this, { person, store, send, locks })
  }

  // connect joins the other pages. disconnect leaves them, and one of them goes on sending.
  connect(channel = new BroadcastChannel('outbox')) {
    this.channel = channel
    channel.onmessage = ({ data: [person, item, html] }) => {
      if (person !== this.person) return
      if (item === 'cleared') this.forget()
      else if (item) this.apply(item, html)
      else this.run()
    }
    return this.load().then(() => this.run())
  }

  disconnect() {
    this.channel?.postMessage([this.person])
    this.channel?.close()
    this.channel = null
  }

  of(conversation) {
    return this.items.filter(item => item.conversation === conversation)
  }

  // push adds a message, and returns when it was sent or failed once.
  async push(message) {
    const created = Math.max(Date.now(), (this.items.at(-1)?.created ?? 0) + 1)
    const item = { ...message, person: this.person, created, state: 'pending' }
    this.update(item, {})
    await this.keep(this.find(item.client))
    return this.line(item.conversation)()
  }

  // remove takes out a message: state is "sent", however that became known, or "removed".
  remove(client, state = 'sent', html = '') {
    const item = this.find(client)
    if (!item) return
    this.update(item, { state }, html)
    return this.store.delete('outbox', item)
  }

  // retry sends a refused message again.
  async retry(client) {
    const item = this.find(client)
    this.update(item, { state: 'pending', text: undefined })
    await this.keep(item)
    return this.line(item.conversation)()
  }

  // run sends what waits, at once.
  run() {
    const conversations = new Set(this.items.map(item => item.conversation))
    return Promise.all([...conversations].map(conversation => this.line(conversation)()))
  }

  // clear removes the words of the person from this browser, because they sign out.
  async clear() {
    this.channel?.postMessage([this.person, 'cleared'])
    this.forget()
    await this.store.clear(this.person)
  }

  forget() {
    this.items = []
    this.cleared = true
  }

  find(client) {
    return this.items.find(item => item.client === client)
  }

  async keep(item) {
    const { state, kept, ...value } = item
    await this.store.put('outbox', state === 'refused' ? { ...value, state } : { ...value, text: undefined })
    item.kept = true
  }

  // update changes an item, here and in the other pages.
  update(item, change, html) {
    const changed = { ...item, ...change }
    this.channel?.postMessage([this.person, changed, html])
    this.apply(changed, html)
  }

  apply(changed, html) {
    const { client, state } = changed
    if (this.gone.has(client) || this.cleared) return
    const known = this.find(client)
    const item = Object.assign(known ?? {}, changed)
    if (state === 'sent' || state === 'removed') {
      this.gone.add(client)
      this.items = this.items.filter(other => other !== known)
    } else if (!known) {
      this.items.push(item)
      this.items.sort((a, b) => a.created - b.created)
    }
    this.dispatchEvent(Object.assign(new Event('item'), { item, html }))
  }

  // load reads what other pages added, and drops what they, or the worker, have sent.
  async load() {
    const stored = await this.store.all('outbox', this.person)
    const clients = new Set(stored.map(item => item.client))
    for (const item of stored) {
      const known = this.find(item.client)
      if (known) known.kept = true
      else this.apply({ ...item, state: item.state ?? 'pending', kept: true })
    }
    for (const item of this.items) {
      if (item.kept && !clients.has(item.client)) this.apply({ ...item, state: 'sent' })
    }
  }

  line(conversation) {
    if (!this.lines.has(conversation)) {
      this.lines.set(conversation, withRetry(coalesce(() => this.drain(conversation))))
    }
    return this.lines.get(conversation)
  }

  // drain sends the messages of a conversation. It throws when they must be sent again later.
  drain(conversation) {
    const act = async () => {
      await this.load()
      for (let item; (item = this.of(conversation).find(({ state }) => state !== 'refused'));) {
        if (!item.text) this.update(item, { state: 'sending' })
        const { answer, html, ...result } = await this.send(item)
        if (!this.items.includes(item)) continue // the event arrived before the answer
        if (html !== undefined) {
          await this.remove(item.client, 'sent', html)
          continue
        }
        this.update(item, result)
        if (result.state === 'signin') return
        if (result.state === 'waiting') throw answer
        await this.keep(item)
      }
    }
    return this.locks ? this.locks.request('outbox ' + conversation, act) : act()
  }
}

// deliver posts an item. It returns {html} of the row, or {state, text, answer}. A page that stands
// between here and Parley, as those of hotels do, is no answer: only 201 confirms, and only a
// problem of Parley's refuses.
export async function deliver(item) {
  const { person, conversation, client, body, returned = '', draft } = item
  if (globalThis.navigator?.onLine === false) return waiting('Waiting for a connection')
  try {
    const fields = { body, client_id: client, draft: draft ? client : '', returned }
    const answer = await request(`/conversations/${conversation}/messages`, fields, person)
    if (answer.status === 201) return { html: await answer.text() }
    const problem = await answer.json().catch(() => ({}))
    if (answer.status === 401) return { state: 'signin', text: 'Sign in to send this' }
    if (!problem?.type || answer.status >= 500 || answer.status === 429) return waiting('Waiting', answer)
    return { state: 'refused', text: problem.detail || 'Not sent. Your words are kept here.' }
  } catch {
    return waiting('Waiting for a connection')
  }
}

const waiting = (text, answer) => ({ state: 'waiting', text, answer })

// clientID returns a UUIDv7 (RFC 9562 §5.7) with 72 random bits.
export function clientID(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(9))) {
  const time = now.toString(16).padStart(12, '0')
  const hex = [time, ...Array.from(random, b => b.toString(16).padStart(2, '0'))].join('')
  const cut = (from, to) => hex.slice(from, to)
  return [cut(0, 8), cut(8, 12), '7' + cut(12, 15), '8' + cut(15, 18), cut(18)].join('-')
}

// remaining returns how many code points may still be typed, negative if there are too many. 4,000
// code points are never more than 16,000 bytes.
export const remaining = text => 4000 - [...text].length
