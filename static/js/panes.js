// Panes: following a link replaces the page's pane only. The frame with the list, the stream and
// the words in other panes stay. Panes that were left are kept as elements, so that they come back
// as they were. Without this script the same links load whole pages (docs/design.md, "Panes").
import { parse } from './html.js'
import { showProblem } from './toast.js'

const maxKept = 12
const skeletonDelay = 150
const addressOf = ({ pathname, search }) => pathname + search
// hashOf returns the fragment of an address. That of the newest message is for browsers without this
// script: with it in the address, a browser that goes back would scroll a kept pane to its end.
const hashOf = ({ hash }) => (hash === '#latest' ? '' : hash)

// Panes holds the panes of a document. start(pane, signal) begins what a pane needs, until the
// signal is aborted because the pane isn't kept any more. A pane gets the events "pane:show" and
// "pane:hide", which bubble.
export class Panes {
  entries = new Map() // by address, in the order of their use
  turn = 0

  constructor(start) {
    this.start = start
    history.scrollRestoration = 'manual'
    history.replaceState(null, '', addressOf(location) + hashOf(location))
    this.current = this.keep(addressOf(location), document.getElementById('pane'))
    this.frame(this.current.pane) // the service worker may have put the pane into another's frame
    const first = firstFocus(this.current.pane)
    const free = document.activeElement === document.body && !this.current.pane.querySelector('[autofocus]')
    if (free && first !== this.current.pane) first.focus({ preventScroll: true })
    this.openNewest()
    addEventListener('click', event => this.followLink(event))
    addEventListener('submit', event => this.followForm(event))
    addEventListener('popstate', () => this.followHistory())
    // The answer with a list may be older than the pane.
    addEventListener('htmx:afterSwap', () => this.select(this.selected))
    addEventListener('pointerdown', event => this.prepare(event))
    for (const name of ['pointerup', 'pointercancel']) addEventListener(name, () => setTimeout(() => this.unprepare()))
    addEventListener('online', () => this.retry())
    addEventListener('htmx:replacedInHistory', () => this.readdress())
    document.body.addEventListener('htmx:configRequest', ({ detail }) => {
      if (detail.elt.closest('.side')) detail.parameters.current = this.selected ?? ''
    })
  }

  keep(address, pane) {
    const life = new AbortController()
    const entry = { address, pane, life }
    this.drop(address)
    this.entries.set(address, entry)
    for (const [oldest] of this.entries) {
      if (this.entries.size <= maxKept) break
      if (oldest !== this.current?.address) this.drop(oldest)
    }
    this.start(pane, life.signal)
    return entry
  }

  // readdress gives the shown pane the address that a search in it has set.
  readdress() {
    this.entries.delete(this.current.address)
    this.current.address = addressOf(location)
    this.entries.set(this.current.address, this.current)
  }

  drop(address) {
    this.entries.get(address)?.life.abort()
    this.entries.delete(address)
  }

  // forget drops all panes but the shown one, because something changed that they may show.
  forget() {
    for (const address of [...this.entries.keys()]) if (address !== this.current.address) this.drop(address)
  }

  // reload replaces the shown pane by a new one.
  reload() {
    return this.visit(location.href, { push: false, fresh: true })
  }

  // retry tries again to fetch a pane that couldn't be fetched.
  retry() {
    if (this.current.failed) this.reload()
  }

  // visit shows the pane of an address: a kept one, or one that is fetched.
  async visit(url, { push = true, fresh = false, skeleton = true } = {}) {
    const target = new URL(url, location.href)
    const address = addressOf(target)
    const turn = ++this.turn
    if (push) history.pushState(null, '', address + hashOf(target))
    const kept = this.entries.get(address)
    if (kept && !fresh) return this.show(kept)

    const slow = setTimeout(() => skeleton && this.show(this.placeholder('pane-loading', target), false), skeletonDelay)
    const answer = await (this.takePrepared(address) ?? fetchPane(target)).catch(() => null)
    const pane = await paneOf(answer)
    clearTimeout(slow)
    if (turn !== this.turn) return // the person went on meanwhile
    if (!answer) return this.show(Object.assign(this.placeholder('pane-unreachable', target), { failed: true }))
    this.arrive(answer, pane, hashOf(target))
  }

  // arrive shows the pane of an answer. An answer without one is a page with another frame.
  arrive(answer, pane, hash = '') {
    const url = new URL(answer.url)
    if (!pane) {
      if (addressOf(url) === addressOf(location)) location.reload()
      else location.replace(url)
      return
    }
    if (answer.redirected) history.replaceState(null, '', addressOf(url) + hash)
    this.show(this.keep(addressOf(location), pane))
    if (pane.dataset.pane === 'sheet' && hash) document.getElementById(hash.slice(1))?.scrollIntoView()
  }

  // show puts a pane into the frame. It moves the focus, unless the person moved it elsewhere.
  show(entry, focus = true) {
    const old = this.current
    if (entry === old) return
    const active = document.activeElement
    const free = !active?.closest('.side input, dialog')
    old.focus = old.pane.contains(active) ? active : old.focus
    old.scrolled = [...old.pane.querySelectorAll('.scroll, .log')].map(el => [el, el.scrollTop])
    old.pane.dispatchEvent(new Event('pane:hide', { bubbles: true }))
    old.pane.replaceWith(entry.pane)
    this.current = entry
    if (this.entries.delete(entry.address)) this.entries.set(entry.address, entry) // the newest
    for (const [el, top] of entry.scrolled ?? []) el.scrollTop = top
    document.title = entry.pane.dataset.title
    this.frame(entry.pane)
    if (focus && free) (entry.focus?.isConnected ? entry.focus : firstFocus(entry.pane)).focus({ preventScroll: true })
    entry.pane.dispatchEvent(new Event('pane:show', { bubbles: true }))
    this.openNewest()
  }

  // openNewest shows the newest conversation in place of the empty pane beside the list.
  openNewest() {
    const { pane } = this.current.pane.dataset
    if (pane !== 'list' || location.search || !matchMedia('(min-width: 44rem)').matches) return
    const age = row => row.querySelector('time')?.dateTime ?? ''
    const [newest] = [...document.querySelectorAll('.conversation')].sort((a, b) => (age(a) < age(b) ? 1 : -1))
    if (!newest) return
    history.replaceState(null, '', addressOf(newest))
    this.visit(newest.href, { push: false, fresh: !this.isAlive(addressOf(newest)), skeleton: false })
  }

  // frame makes the frame show what it shows of a pane.
  frame({ dataset: { pane, tab, current } }) {
    document.body.dataset.pane = pane
    const side = document.querySelector('.side')
    side.role = pane === 'list' ? 'main' : 'banner'
    const heading = side.querySelector('h1')
    if (pane !== 'list') heading?.remove()
    else if (!heading) side.insertAdjacentHTML('afterbegin', '<h1 class="vh">Conversations</h1>')
    for (const link of document.querySelectorAll('.navigation a')) {
      if (link.pathname !== tab) link.ariaCurrent = null
      else link.ariaCurrent = pane === 'talk' ? 'true' : 'page'
    }
    this.select(current)
  }

  // select marks a conversation's row.
  select(conversation) {
    this.selected = conversation
    for (const row of document.querySelectorAll('.conversation')) {
      row.ariaCurrent = row.closest('li').id === 'talk-' + conversation ? 'page' : null
    }
  }

  // placeholder returns a pane from a template. It is not kept.
  placeholder(template, target) {
    const pane = document.getElementById(template).content.firstElementChild.cloneNode(true)
    const [, first, id] = target.pathname.split('/')
    const kind = first !== 'conversations' ? 'sheet' : id ? 'talk' : 'list'
    Object.assign(pane.dataset, { pane: kind, title: 'Parley' })
    if (kind === 'talk') pane.dataset.current = id
    const retry = pane.querySelector('a')
    if (retry) retry.href = target
    return { pane, address: null }
  }

  // prepare selects a row and fetches its pane while the button of the mouse is still down.
  prepare(event) {
    const link = event.pointerType === 'mouse' && plainLink(event)
    if (!link) return
    const address = addressOf(link)
    if (link.matches('.conversation')) this.select(link.closest('li').id.slice(5))
    if (address === this.current.address || this.isAlive(address)) return
    const abort = new AbortController()
    const answer = fetchPane(link, abort.signal)
    answer.catch(() => {})
    this.prepared = { address, answer, abort }
  }

  // unprepare undoes prepare when no click followed.
  unprepare() {
    this.prepared?.abort.abort()
    this.prepared = null
    if (!this.turn || this.selected === this.current.pane.dataset.current) return
    if (addressOf(location) === this.current.address) this.select(this.current.pane.dataset.current)
  }

  takePrepared(address) {
    const { prepared } = this
    if (prepared?.address !== address) return null
    this.prepared = null
    return prepared.answer
  }

  followLink(event) {
    const link = plainLink(event)
    if (!link) return
    const inFrame = link.closest('.side, .navigation')
    if (addressOf(link) !== this.current.address) {
      event.preventDefault()
      this.visit(link.href, { fresh: !this.isAlive(addressOf(link)) })
    } else if (inFrame || !link.hash) {
      event.preventDefault()
      const log = this.current.pane.querySelector('.log')
      if (!log) return this.reload()
      log.scrollTop = 0
      firstFocus(this.current.pane).focus({ preventScroll: true })
    }
  }

  // isAlive tells whether a kept pane follows the stream, so that it needn't be fetched again.
  isAlive(address) {
    return this.entries.get(address)?.pane.dataset.pane === 'talk'
  }

  followHistory() {
    if (addressOf(location) !== this.current.address) this.visit(location.href, { push: false })
  }

  // followForm posts a plain form and shows the pane that its answer leads to.
  async followForm(event) {
    const form = event.target
    const { submitter } = event
    const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href
    if (event.defaultPrevented || !form.matches('form:not([hx-get], [hx-post], [enctype], [data-native], [method=dialog])')) return
    event.preventDefault()
    const fields = new URLSearchParams(new FormData(form, submitter))
    if (form.method !== 'post') return this.visit(new URL('?' + fields, new URL(action, location.href)))
    const turn = ++this.turn
    const answer = await fetchPane(action, null, fields).catch(() => null)
    const pane = await paneOf(answer)
    if (!answer) return showProblem()
    this.forget()
    if (turn !== this.turn) return
    if (pane && !answer.redirected) return this.show(this.keep(Symbol(), pane)) // a refused form has no address
    if (pane) history.pushState(null, '', location.href)
    this.arrive(answer, pane)
  }
}

// plainLink returns the link of an event that would load a page of Parley in this tab.
function plainLink(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target.closest?.('a[href]')
  if (link?.origin === location.origin && !link.target && !link.hasAttribute('download')) return link
}

function fetchPane(url, signal, fields) {
  const timeout = AbortSignal.timeout(15e3)
  return fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields,
    headers: { 'HX-Request': 'true', 'HX-Target': 'pane', Accept: 'text/html', 'Parley-Person': document.body.dataset.me },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  })
}

async function paneOf(answer) {
  const text = await answer?.text().catch(() => '')
  return text && parse(text).querySelector('#pane')
}

// firstFocus is where the focus goes in a new pane: the message box, unless that would open a
// phone's keyboard, or the pane.
function firstFocus(pane) {
  return (!matchMedia('(pointer: coarse)').matches && pane.querySelector('#message:enabled')) || pane
}
