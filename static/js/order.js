// Order holds the rows of one conversation that a page has, and their order (docs/design.md, "How a
// message travels"). It needs no DOM. A row is {id, seq, offset, client, …}; seq and offset are
// null until they are known. Other fields are kept.
export class Order {
  // last is S: the page has every stored message from its first row up to S. null means unknown,
  // for a page that wasn't complete.
  constructor(last) {
    this.last = last
    this.first = last === null ? Infinity : last + 1 // the lowest seq of the page; lower ones are on earlier pages
    this.rows = new Map()
    this.unsent = []
    this.ahead = new Set() // seqs above S that the page has
  }

  // addPage adds the rows of the page, of a fetch, or of the page before it. Its rows extend the
  // page's beginning.
  addPage(rows, now) {
    for (const row of rows) {
      if (row.seq) this.first = Math.min(this.first, row.seq)
      this.add(row, now)
    }
  }

  // add adds a row from any source, in any order, any number of times. It returns whether the row
  // is new here.
  add(row, now) {
    if (row.client) this.removeUnsent(row.client)
    const known = this.rows.get(row.id)
    if (known) {
      known.offset ??= row.offset
      if (row.seq && !known.seq) this.setSeq(known, row.seq)
      return false
    }
    if (row.seq && this.isEarlier(row.seq)) return false
    row.since = now
    this.rows.set(row.id, row)
    if (row.seq) this.setSeq(row, row.seq)
    return true
  }

  // applyStored applies the seqs of an event. It returns whether rows are missing, so that the page
  // must fetch the messages after S.
  applyStored({ to, messages }) {
    for (const { id, seq } of messages) {
      const row = this.rows.get(id)
      if (row && !row.seq) this.setSeq(row, seq)
    }
    return this.last === null || to > this.last
  }

  // applyFetched applies the answer to "after S": rows, the last seq that it reaches, and whether
  // it has all pending messages. A suspect row that such an answer lacks is removed. Either it is
  // on an earlier page and a retry announced it again, or it returns when it is stored.
  applyFetched({ rows, last, complete, pending }, now) {
    this.addPage(rows, now)
    if (complete && last >= this.last) this.last = last // null compares as 0
    const answered = new Set(rows.map(row => row.id))
    for (const { id, seq, suspect } of this.rows.values()) {
      if (seq ? this.isEarlier(seq) : complete && pending && suspect && !answered.has(id)) this.rows.delete(id)
    }
    this.advance()
  }

  // addUnsent adds a row of the viewer's that isn't confirmed; only its client id is known.
  addUnsent(row) {
    this.unsent.push(row)
  }

  removeUnsent(client) {
    this.unsent = this.unsent.filter(row => row.client !== client)
  }

  // suspectPending marks every row without a seq as suspect: the next complete answer confirms or
  // removes it.
  suspectPending() {
    for (const row of this.rows.values()) if (!row.seq) row.suspect = true
  }

  // overdue returns whether a row has waited 10 s for its seq, so that the page should fetch. The
  // row is suspect then, and waits another 10 s.
  overdue(now) {
    let any = false
    for (const row of this.rows.values()) {
      if (row.seq || now - row.since < 10e3) continue
      row.since = now
      any = row.suspect = true
    }
    return any
  }

  // sorted returns the rows in order: stored rows by seq, pending rows by log offset, then unsent
  // rows.
  sorted() {
    const key = row => row.seq ?? row.offset ?? 9e15
    return [...[...this.rows.values()].sort((a, b) => !a.seq - !b.seq || key(a) - key(b)), ...this.unsent]
  }

  // rewindToGap looks for a missing row up to S. If there is one, it moves S before the gap, so
  // that the page fetches from there, and returns true.
  rewindToGap() {
    const have = this.ahead = new Set([...this.rows.values()].map(row => row.seq))
    for (let seq = this.first; seq <= this.last; seq++) { // null compares as 0; first is Infinity then
      if (have.has(seq)) continue
      this.last = seq - 1
      return true
    }
    return false
  }

  setSeq(row, seq) {
    row.seq = seq
    if (this.isEarlier(seq)) this.rows.delete(row.id)
    else this.ahead.add(seq)
    this.advance()
  }

  isEarlier(seq) {
    return this.last !== null && seq <= this.last && seq < this.first
  }

  advance() {
    if (this.last === null) return
    while (this.ahead.delete(this.last + 1)) this.last++
    for (const seq of this.ahead) if (seq <= this.last) this.ahead.delete(seq)
  }
}
