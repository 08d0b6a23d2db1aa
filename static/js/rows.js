// Rows: the messages of a page as elements, kept in order with what depends on neighbours, time zone and marks.
import { beside, dayKey, dayWord, say } from './dates.js'

// parse makes elements of a fragment.
export function parse(html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

// grouped is 4,812: by hand, since a page's first use of Intl takes a phone 30 ms.
export function grouped(n) {
  let digits = String(n)
  for (let i = digits.length - 3; i > 0; i -= 3) digits = digits.slice(0, i) + ',' + digits.slice(i)
  return digits
}

// rows reads the messages in an element, row one of them.
export function rows(root) {
  say(root)
  return Array.from(root.querySelectorAll('.message'), row)
}

export function row(el) {
  const { seq, logOffset, client, sender } = el.dataset
  const time = Date.parse(el.querySelector('time').dateTime)
  return { id: el.id.slice(8), seq: +seq || null, offset: logOffset ? +logOffset : null, client, sender, time, el }
}

// receipt says how far one's own message has come: Sending, Sent, Stored, Delivered, Read, or other words.
export function receipt(el, state, text = state[0].toUpperCase() + state.slice(1)) {
  const said = el.querySelector('.receipt')
  if (!said || said.dataset.state === state) return
  said.dataset.state = state
  said.lastChild.data = text
}

// arrange makes the list show these rows, in this order, touching only what changed.
export function arrange(list, sorted, marks) {
  const mark = list.querySelector('.new')
  let marked = mark?.nextElementSibling
  while (marked && !marked.matches('.message')) marked = marked.nextElementSibling
  const days = new Map(Array.from(list.querySelectorAll('.day'), el => [el.querySelector('time')?.dateTime, el]))
  const wanted = []
  let before = null
  for (const row of sorted) {
    const { el } = row
    const its = beside(before, row)
    if (its.begins) wanted.push(heading(days.get(its.day), row))
    if (mark && el === marked) {
      wanted.push(mark)
      its.more = false
    }
    wanted.push(el)
    el.classList.toggle('pause', its.pause)
    el.classList.toggle('more', its.more)
    if (row.seq && !el.dataset.seq) {
      el.dataset.seq = row.seq
      el.querySelector('time').parentNode.href = `/conversations/${list.dataset.conversation}?at=${row.seq}`
    }
    if (row.id) receipt(el, !row.seq ? 'sent' : row.seq <= marks.read ? 'read' : row.seq <= marks.delivered ? 'delivered' : 'stored')
    before = { ...its, time: row.time, sender: row.sender }
  }
  put(list, wanted)
}

// inPlace makes a change to the log while what the reader has before their eyes stays there. The log counts from its end: only what changes
// below moves it.
export function inPlace(log, change) {
  const { y } = log.getBoundingClientRect()
  const top = el => el.getBoundingClientRect().y
  const seen = [...log.querySelectorAll('.message > p')].find(el => el.getBoundingClientRect().bottom > y)
  const before = seen && top(seen)
  change()
  if (seen) log.scrollTop += top(seen) - before
}

// newLine puts the line before the first message that was unread when the page was made, once that is known: it may have been on an earlier
// page. It tells whether it did.
export function newLine(list, sorted, { seen, total, me }) {
  if (list.querySelector('.new') || sorted[0].seq > seen + 1) return false
  const first = sorted.find(row => row.seq > seen && row.seq <= total && row.sender !== me)
  if (!(first?.seq > 1)) return false
  first.el.before(parse('<li class="new" id="new">New messages</li>'))
  return true
}

function heading(el, row) {
  const date = new Date(row.time)
  el ??= parse('<li class="day"><h2><time></time></h2></li>').firstChild
  const time = el.querySelector('time')
  time.dateTime = dayKey(date)
  const text = dayWord(date, new Date())
  if (time.textContent !== text) time.textContent = text
  return el
}

// put makes these elements the list's children; one that moved is moved alone.
function put(list, wanted) {
  const stay = new Set(wanted)
  for (const el of [...list.children]) if (!stay.has(el)) el.remove()
  let at = list.firstElementChild
  for (const el of wanted) {
    if (at && at !== el && at.nextElementSibling === el) at = el // the one before it moves on, when its turn comes
    if (at === el) at = el.nextElementSibling
    else list.insertBefore(el, at)
  }
}
