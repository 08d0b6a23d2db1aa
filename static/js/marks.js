// Marks: up to which seq the other members have received and read a conversation, and up to which
// the viewer has.
import { throttle } from './timing.js'
import { request } from './request.js'

export class Marks {
  // page is the ConversationPage; seen is the viewer's read mark when the page was made.
  constructor(page, seen) {
    this.page = page
    this.others = { read: 0, delivered: 0 }
    this.reported = { read: seen, delivered: seen }
  }

  // advance moves the others' marks forward, never back.
  advance(seqs) {
    for (const kind in this.others) this.others[kind] = Math.max(this.others[kind], +seqs[kind] || 0)
  }

  // reporter returns a function that posts the page's last seq as the viewer's mark, at most every
  // 2 s, while it is ahead of the last report and allowed().
  reporter(kind, allowed) {
    const { page, reported } = this
    const due = () => page.newest && page.order.last > reported[kind] && allowed()
    const post = throttle(2e3, async () => {
      if (!due()) return
      const before = reported[kind]
      reported[kind] = page.order.last
      const answer = await request(page.url + '/' + kind, { seq: reported[kind] }).catch(() => null)
      if (!answer?.ok) reported[kind] = before
    })
    return () => due() && post()
  }
}
