// Outbox sends the viewer's messages one at a time, in order. A failure stops it and keeps
// everything, until its message is retried or removed. It needs neither DOM nor network.
export class Outbox {
  // send(item) returns a failure, or nothing for success; it never throws. show(item, state,
  // failure) is called with each change of state: "pending", "sending", or "unsent" with the
  // failure.
  constructor(send, show) {
    this.send = send
    this.show = show
    this.items = []
    this.busy = false
    this.stopped = false
  }

  push(item) {
    this.items.push(item)
    this.show(item, 'pending')
    return this.run()
  }

  retry() {
    this.stopped = false
    return this.run()
  }

  // remove takes out an item that was sent, however that became known, or that was removed by hand.
  remove(client) {
    const first = this.items[0]?.client === client
    this.items = this.items.filter(item => item.client !== client)
    return first ? this.retry() : undefined
  }

  async run() {
    if (this.busy) return
    this.busy = true
    while (this.items.length && !this.stopped) {
      const item = this.items[0]
      this.show(item, 'sending')
      const failure = await this.send(item)
      if (this.items[0] !== item) continue // the event arrived before the answer
      if (failure) {
        this.stopped = true
        this.show(item, 'unsent', failure)
      } else {
        this.items.shift()
      }
    }
    this.busy = false
  }
}

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

// describeFailure explains an answer that isn't a success, or null for no answer: {text,
// retryText}.
export async function describeFailure(answer) {
  const problem = await answer?.json().catch(() => null)
  if (!problem?.type || problem.type === 'unconfirmed') {
    return { text: 'Not confirmed. It may have gone out; sending it again can’t double it.', retryText: 'Send again' }
  }
  return { text: problem.detail || 'Not sent. Your words are kept here.', retryText: 'Try again' }
}
