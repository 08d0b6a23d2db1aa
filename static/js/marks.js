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

  // reporter returns a function that posts the seq up to which the viewer is, at most every 2 s,
  // while that is ahead of the last report.
  reporter(kind, upTo) {
    const { page, reported } = this
    const due = () => upTo() > reported[kind]
    const post = throttle(2e3, async () => {
      if (!due()) return
      const before = reported[kind]
      reported[kind] = upTo()
      const answer = await request(page.url + '/' + kind, { seq: reported[kind] }).catch(() => null)
      if (!answer?.ok) reported[kind] = before
    })
    return () => due() && post()
  }
}
