// Order holds what a page knows of one conversation, and says in which order it is shown (DESIGN.md, "How a message travels", point 8).
// It knows no DOM: a row is {id, seq, offset, client, …}, seq and offset null until known, and comes back as it went in.
export class Order {
  // last is S: every stored message up to it is at hand (from the page's first on); null: not known, the page was not complete.
  constructor(last) {
    this.last = last
    this.first = last === null ? Infinity : last + 1 // the lowest seq of the page; what is below belongs to earlier pages
    this.rows = new Map()
    this.unsent = []
    this.ahead = new Set() // seqs at hand above S
  }

  // page takes rows of the page, of a fetch, or of the page before it: what it names, it is sure of.
  page(rows, now) {
    for (const row of rows) {
      if (row.seq) this.first = Math.min(this.first, row.seq)
      this.add(row, now)
    }
  }

  // add takes a row from anywhere, again or late. It tells whether the row is new here.
  add(row, now) {
    if (row.client) this.drop(row.client)
    const known = this.rows.get(row.id)
    if (known) {
      known.offset ??= row.offset
      if (row.seq && !known.seq) this.number(known, row.seq)
      return false
    }
    if (row.seq && this.elsewhere(row.seq)) return false
    row.since = now
    this.rows.set(row.id, row)
    if (row.seq) this.number(row, row.seq)
    return true
  }

  // stored takes numbers. It tells whether rows are missing, so that the page must fetch what is after S.
  stored({ to, messages }) {
    for (const { id, seq } of messages) {
      const row = this.rows.get(id)
      if (row && !row.seq) this.number(row, seq)
    }
    return this.last === null || to > this.last
  }

  // fetched takes the answer to "after S": rows, the last seq that it reaches, and whether it names all that is pending. What has been
  // pending for long, or is in doubt, and isn't named is on an earlier page (somebody's retry brought it up), or comes back when it is stored.
  fetched({ rows, last, complete, pending }, now) {
    this.page(rows, now)
    if (complete && last >= this.last) this.last = last // null counts as 0 here
    const named = new Set(rows.map(row => row.id))
    for (const { id, seq, late } of this.rows.values()) {
      if (seq ? this.elsewhere(seq) : complete && pending && late && !named.has(id)) this.rows.delete(id)
    }
    this.advance()
  }

  // send adds one's own row that nobody has confirmed, known by its client id only; drop takes it away.
  send(row) {
    this.unsent.push(row)
  }

  drop(client) {
    this.unsent = this.unsent.filter(row => row.client !== client)
  }

  // doubt lets the next answer decide about every row without a number: one that it doesn't name goes.
  doubt() {
    for (const row of this.rows.values()) if (!row.seq) row.late = true
  }

  // overdue tells, each 10 s, whether a row has been waiting for its number so long that the page should ask.
  overdue(now) {
    let any = false
    for (const row of this.rows.values()) {
      if (row.seq || now - row.since < 10e3) continue
      row.since = now
      any = row.late = true
    }
    return any
  }

  // sorted lists the rows as they are shown: stored ones by seq, pending ones by their place in the log, then one's own unsent ones.
  sorted() {
    const place = row => row.seq ?? row.offset ?? 9e15
    return [...[...this.rows.values()].sort((a, b) => !a.seq - !b.seq || place(a) - place(b)), ...this.unsent]
  }

  // rewind looks whether a row is missing that should be at hand, and if so goes back to before it, so that the page fetches from there.
  rewind() {
    const have = this.ahead = new Set([...this.rows.values()].map(row => row.seq))
    for (let seq = this.first; seq <= this.last; seq++) { // null counts as 0 here, and first is Infinity then
      if (have.has(seq)) continue
      this.last = seq - 1
      return true
    }
    return false
  }

  number(row, seq) {
    row.seq = seq
    if (this.elsewhere(seq)) this.rows.delete(row.id)
    else this.ahead.add(seq)
    this.advance()
  }

  elsewhere(seq) {
    return this.last !== null && seq <= this.last && seq < this.first
  }

  advance() {
    if (this.last === null) return
    while (this.ahead.delete(this.last + 1)) this.last++
    for (const seq of this.ahead) if (seq <= this.last) this.ahead.delete(seq)
  }
}
