// Paging: the pages before a conversation's first row and, on a page that isn't the newest, after
// its last row.
import { parse } from './html.js'
import { placeUnreadLine, rows } from './rows.js'
import { request } from './request.js'

export class Pager {
  constructor(page) {
    this.page = page
  }

  // load fetches the page before the first row, or the page after the last one, one at a time.
  // Screen readers don't announce it. After a failure the link is still there.
  async load(later) {
    const { page } = this
    const { log, order } = page
    if (this.busy || order.last === null) return
    this.busy = log.ariaBusy = true
    try {
      const answer = await request(page.url + (later ? '?after=' + order.last : '?before=' + order.first))
      if (!answer.ok) throw answer
      const part = parse(await answer.text())
      if (!later) {
        order.addPage(rows(part), Date.now())
        this.replaceHead(part)
      } else if (page.applyFetched(part).newest !== undefined) {
        page.open()
        page.fetch() // for events while this answer was under way
      }
      page.draw(true)
      if (placeUnreadLine(page.list, order.sorted(), page)) page.draw(true)
      this.observe()
    } catch {}
    this.busy = false
    setTimeout(() => { if (!this.busy) log.ariaBusy = null }, 100) // unless the next page is already loading
  }

  // observe loads a page when its link is within 400 px of the view.
  observe() {
    this.observer?.disconnect()
    this.observer = new IntersectionObserver(entries => {
      const { target } = entries.find(entry => entry.isIntersecting) ?? {}
      if (target) this.load(target.matches('.later'))
    }, { scrollMargin: '400px' })
    for (const el of this.page.log.querySelectorAll('.earlier:has(a), .later')) this.observer.observe(el)
  }

  // replaceHead shows what an answer says about earlier messages, and keeps the focus.
  replaceHead(part) {
    const { log } = this.page
    const head = part.querySelector('.earlier')
    const old = log.querySelector('.earlier')
    if (!head) return
    const focused = old.contains(document.activeElement)
    old.replaceWith(head)
    if (focused) (head.querySelector('a') ?? log).focus({ preventScroll: true })
  }
}
