// Conversation: the page of one conversation, kept up to date. docs/page-contract.md describes the
// elements it needs.
import { Order } from './order.js'
import { localize } from './dates.js'
import { parse } from './html.js'
import { adopt, arrange, keepPosition, rows, thousands } from './rows.js'
import { coalesce, throttle, withRetry } from './timing.js'
import { startComposer, submitOnEnter } from './composer.js'
import { request } from './request.js'
import { Marks } from './marks.js'
import { Pager } from './paging.js'
import { saveDrafts } from './drafts.js'
import { followEvents } from './conversation_events.js'
import { resendReturned, updateReturned } from './returned.js'

// startConversation keeps a pane's list of messages up to date, until the signal is aborted. source
// is the stream, or null.
export function startConversation(pane, source, outbox, signal) {
  const page = new ConversationPage(pane, source, outbox, signal)
  if (source) followEvents(page, source)
  setTimeout(page.render) // in a task of its own, so that the page can paint first
  const timer = setInterval(() => {
    if (page.newest && (page.order.overdue(Date.now()) || (source?.state && !document.hidden))) page.fetch()
  }, 5e3)
  signal.addEventListener('abort', () => clearInterval(timer))
  return page
}

// ConversationPage is the page of a conversation. A page that doesn't reach the newest message
// grows until it does; from then on it is live. It follows the stream while its pane isn't shown,
// too, so that it is up to date when it is shown again.
class ConversationPage {
  shown = true

  constructor(pane, source, outbox, signal) {
    const list = pane.querySelector('#messages')
    const { conversation, complete, lastSeq, me, seen, total, unread, firstUnread, newest } = list.dataset
    const url = '/conversations/' + conversation
    Object.assign(this, { pane, signal, list, source, outbox, me, id: conversation, url, seen: +seen, total: +total, unread: +unread, firstUnread })
    this.log = list.closest('.log')
    this.jump = this.log.querySelector('.jump a')
    this.box = pane.querySelector('#composer')?.elements.body
    this.below = 0 // how many messages arrived below the view
    this.heard = parse('<p class="vh" id="heard" role="status"></p>').firstChild
    pane.append(this.heard)
    this.marks = new Marks(this, this.seen)
    this.marks.advance(list.dataset)
    this.order = new Order(complete === undefined ? null : +lastSeq)
    this.order.addPage(rows(list), Date.now())
    this.pager = new Pager(this)
    const fetch = withRetry(coalesce(() => this.catchUp()))
    this.fetch = () => this.shown && fetch() // a pane that isn't shown fetches when it is
    this.reportDelivered = this.marks.reporter('delivered', () => this.newest && this.order.last)
    this.reportRead = this.marks.reporter('read', () => this.shown && document.hasFocus() && this.lastShown())
    this.render = throttle(50, () => this.draw(this.isAway())) // many rows may arrive at once
    if (newest === undefined) submitOnEnter(this.box)
    else this.open()
    if (pane.isConnected) this.begin()
    this.pager.observe()
    this.watchViewer()
  }

  // begin goes to the message of a permalink, or to the first unread one, where the person reads on.
  begin() {
    this.begun = true
    const target = this.list.querySelector('.at') // autofocus would wait for a frame, and the layout would shift
    target?.focus({ preventScroll: true })
    target?.scrollIntoView({ block: 'center' })
    const line = this.list.querySelector('.new')
    if (!line || target || line.getBoundingClientRect().top >= this.log.getBoundingClientRect().top) return
    line.scrollIntoView()
    this.below = this.unread
  }

  // open starts what only a page with the newest message has.
  open() {
    const { box, list } = this
    this.newest = true
    this.log.querySelector('.later')?.remove()
    if (!box || box.disabled) return
    this.composer = startComposer(box.form, this)
    resendReturned(this.log, box.form)
    saveDrafts(box, this)
  }

  watchViewer() {
    const looked = () => {
      this.log.toggleAttribute('data-away', this.isAway())
      this.count(0)
      this.reportRead()
    }
    const { pane, signal } = this
    addEventListener('scroll', looked, { capture: true, signal }) // on small screens the page scrolls, not the log
    addEventListener('focus', this.reportRead, { signal })
    document.addEventListener('visibilitychange', this.reportRead, { signal })
    pane.addEventListener('pane:hide', () => this.hide())
    pane.addEventListener('pane:show', () => this.show(looked))
    this.list.addEventListener('animationend', event => event.target.classList.remove('live'))
    this.log.addEventListener('click', event => {
      const link = event.target.closest('.earlier a, .later a, .jump a')
      if (!link || event.metaKey || event.ctrlKey || (link === this.jump && !this.newest)) return
      event.preventDefault()
      if (link === this.jump) this.log.scrollTop = 0
      else this.pager.load(link.closest('.later'))
    })
    this.log.addEventListener('keydown', event => this.walk(event))
    setTimeout(looked) // it needs the layout, which the page's first paint is about to compute
  }

  // walk moves the focus along the messages by the arrow keys, so that the log is one tab stop.
  walk(event) {
    const next = { ArrowUp: 'previousElementSibling', ArrowDown: 'nextElementSibling' }[event.key]
    if (!next || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const from = event.target.closest('.message')
    let el = from ? from[next] : this.list.lastElementChild
    while (el && !el.matches('.message')) el = el[next]
    if (!el) return
    event.preventDefault()
    el.tabIndex = -1
    el.focus()
  }

  draw(keep) {
    const change = () => arrange(this.list, this.order.sorted(), this.marks.others)
    if (keep) keepPosition(this.log, change)
    else change()
    const { first, last } = this.order
    const span = this.log.querySelector('.earlier span')
    const [from, to, of] = [first, last, Math.max(last, this.total)].map(thousands)
    const text = `Messages ${from}–${to} of ${of}, none missing`
    if (span && span.textContent !== text) span.textContent = text // screen readers announce each change
    this.reportDelivered()
    this.reportRead()
  }

  isAway() {
    return this.shown ? this.log.scrollTop < -40 : !!this.anchor // the log is a reversed column: 0 is its end
  }

  // hide remembers which message is in view, unless that is the newest.
  hide() {
    const { y } = this.log.getBoundingClientRect()
    const bottom = el => el.getBoundingClientRect().bottom
    const el = this.isAway() && [...this.list.querySelectorAll('.message')].find(row => bottom(row) > y)
    this.anchor = el ? { el, bottom: bottom(el) } : null
    this.shown = false
  }

  // show puts that message where it was, and fetches what the stream may have missed.
  show(looked) {
    const { anchor } = this
    this.shown = true
    if (anchor) this.log.scrollTop += anchor.el.getBoundingClientRect().bottom - anchor.bottom
    else if (this.begun) this.log.scrollTop = 0
    else this.begin()
    looked()
    if (this.newest) this.fetch()
  }

  // isIdle tells whether dropping the pane would lose nothing.
  isIdle() {
    return this.composer ? this.composer.isIdle() : !this.box?.value
  }

  // lastShown returns the seq of the last message whose end is on the screen, or above it.
  lastShown() {
    const end = Math.min(this.log.getBoundingClientRect().bottom, innerHeight) + 8
    for (let el = this.list.lastElementChild; el; el = el.previousElementSibling) {
      if (el.dataset.seq && el.getBoundingClientRect().bottom <= end) return +el.dataset.seq
    }
    return 0
  }

  // redate writes all dates again, because the day or the time zone is another one.
  redate() {
    localize(this.pane)
    this.draw(this.isAway())
  }

  // count adds messages that arrived below the view, and shows how many there are.
  count(more) {
    this.below = this.newest && !this.isAway() ? 0 : this.below + more
    this.jump.lastChild.data = 'Latest messages' + (this.below ? ` · ${this.below} new` : '')
  }

  // read has screen readers say messages of others, each once. The log itself is silent, because its
  // rows change with every state.
  read(fresh) {
    if (!fresh.length || !this.shown) return
    const words = ({ el, system }) =>
      (system ? '' : el.querySelector('.by').textContent + ': ') + el.querySelector('p').textContent
    this.heard.textContent = fresh.map(words).join('\n')
  }

  // add adds received rows and returns those that are new here.
  add(received) {
    return received.filter(row => {
      if (row.client) this.composer?.sent(row.client)
      // The message was returned before the answer to its sending arrived.
      if (!row.seq && this.pane.querySelector('#returned #' + row.el.id)) return false
      const waiting = this.order.unsent.find(unsent => row.client && unsent.client === row.client)
      if (waiting && !this.order.rows.has(row.id)) row.el = adopt(waiting.el, row.el)
      return this.order.add(row, Date.now())
    })
  }

  // applyFetched adds a fragment with the messages after S or, while S is unknown, the newest page.
  // It returns the data of the fragment's list.
  applyFetched(part) {
    const list = part.querySelector('#messages')
    const { complete, pending, lastSeq } = list.dataset
    const found = rows(list)
    const fresh = found.filter(row => !this.order.rows.has(row.id) && row.sender !== this.me && !row.system)
    const fetched = { rows: found, last: +lastSeq, complete: complete !== undefined, pending: pending !== undefined }
    this.order.applyFetched(fetched, Date.now())
    this.add(found)
    this.marks.advance(list.dataset)
    this.pager.replaceHead(part)
    updateReturned(this.pane, part.querySelector('#returned'))
    if (this.newest) this.count(fresh.length)
    return list.dataset
  }

  // catchUp fetches the messages after S page by page, up to the newest. It throws when they can't
  // be had now.
  async catchUp() {
    for (;;) {
      const { last } = this.order
      const answer = await request(this.url + '?limit=100' + (last === null ? '' : '&after=' + last))
      if (!answer.ok) throw answer
      const { complete, newest } = this.applyFetched(parse(await answer.text()))
      this.render()
      if (complete === undefined) throw answer
      if (newest !== undefined || this.order.last === last) return
    }
  }

  // addUnsent shows a message of the viewer's that isn't confirmed yet.
  addUnsent(row) {
    this.order.addUnsent(row)
    this.render()
  }

  removeUnsent(client) {
    this.order.removeUnsent(client)
    this.render()
  }

  // addAnswer adds the answer to a send.
  addAnswer(html) {
    this.add(rows(parse(html)))
    this.render()
  }
}
