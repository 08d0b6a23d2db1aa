// Outbox sends one's own messages, one at a time, in order. A failure stops it, with everything kept, until its message is sent
// again or taken away. It knows no DOM and no network.
export class Outbox {
  // send(item) answers a failure or nothing; it never throws. show(item, state, failure) is told each change:
  // "pending", "sending", "unsent" with the failure.
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
    return this.pump()
  }

  again() {
    this.stopped = false
    return this.pump()
  }

  // settle takes an item away: sent (however that became known), or removed by hand.
  settle(client) {
    const first = this.items[0]?.client === client
    this.items = this.items.filter(item => item.client !== client)
    return first ? this.again() : undefined
  }

  async pump() {
    if (this.busy) return
    this.busy = true
    while (this.items.length && !this.stopped) {
      const item = this.items[0]
      this.show(item, 'sending')
      const failure = await this.send(item)
      if (this.items[0] !== item) continue // the stream was faster
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

// clientID makes a UUIDv7 (RFC 9562 §5.7), with 72 bits of chance.
export function clientID(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(9))) {
  const hex = [now.toString(16).padStart(12, '0'), ...Array.from(random, b => b.toString(16).padStart(2, '0'))].join('')
  const cut = (from, to) => hex.slice(from, to)
  return [cut(0, 8), cut(8, 12), '7' + cut(12, 15), '8' + cut(15, 18), cut(18)].join('-')
}

// room is how many code points may still be written; below 0: too many. (4,000 of them are never more than 16,000 bytes.)
export const room = text => 4000 - [...text].length

// failure says what became of a message, of an answer that isn't a success (null: no answer): {words, again}.
export async function failure(answer) {
  const problem = await answer?.json().catch(() => null)
  if (!problem?.type || problem.type === 'unconfirmed') {
    return { words: 'Not confirmed. It may have gone out; sending it again can’t double it.', again: 'Send again' }
  }
  return { words: problem.detail || 'Not sent. Your words are kept here.', again: 'Try again' }
}
