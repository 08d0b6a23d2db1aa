// Rows: the messages of a page as elements, in order, with everything that depends on neighbours,
// time zone and marks.
import { dayHeading, dayKey, grouping, localize } from './dates.js'
import { parse } from './html.js'

// thousands returns 4,812. It doesn't use Intl, whose first use on a page takes a phone 30 ms.
export function thousands(n) {
  let digits = String(n)
  for (let i = digits.length - 3; i > 0; i -= 3) digits = digits.slice(0, i) + ',' + digits.slice(i)
  return digits
}

// rows reads the messages in an element; row reads one.
export function rows(root) {
  localize(root)
  return Array.from(root.querySelectorAll('.message'), row)
}

export function row(el) {
  const { seq, logOffset, client } = el.dataset
  const time = Date.parse(el.querySelector('time').dateTime)
  const system = el.classList.contains('system')
  const sender = system ? el.id : el.dataset.sender // a message of the system is nobody's
  return { id: el.id.slice(8), seq: +seq || null, offset: logOffset ? +logOffset : null, client, sender, time, el, system }
}

// setReceipt shows the state of the viewer's message: Sending, Sent, Stored, Delivered, Read, or
// another text.
export function setReceipt(el, state, text = '') {
  const receipt = el.querySelector('.receipt')
  if (!receipt || (receipt.dataset.state === state && (!text || receipt.lastChild.data === text))) return
  receipt.dataset.state = state
  receipt.lastChild.data = text || state[0].toUpperCase() + state.slice(1)
}

// arrange makes the list show these rows in this order. It touches only what changed.
export function arrange(list, sorted, marks) {
  const mark = list.querySelector('.new')
  let marked = mark?.nextElementSibling
  while (marked && !marked.matches('.message')) marked = marked.nextElementSibling
  const days = new Map(Array.from(list.querySelectorAll('.day'), el => [el.querySelector('time')?.dateTime, el]))
  const children = []
  let before = null
  for (const row of sorted) {
    const { el } = row
    const group = grouping(before, row)
    if (group.begins) children.push(heading(days.get(group.day), row))
    if (mark && el === marked) {
      children.push(mark)
      group.more = false
    }
    children.push(el)
    el.classList.toggle('pause', group.pause)
    el.classList.toggle('more', group.more)
    if (row.seq && !el.dataset.seq) {
      el.dataset.seq = row.seq
      el.querySelector('time').parentNode.href = `/conversations/${list.dataset.conversation}?at=${row.seq}`
    }
    if (row.id) setReceipt(el, receiptState(row, marks))
    el.querySelector(':scope > a').tabIndex = -1 // the arrow keys lead there: the log is one stop
    before = { ...group, time: row.time, sender: row.sender }
  }
  setChildren(list, children)
}

const receiptState = ({ seq }, { read, delivered }) =>
  !seq ? 'sent' : seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'stored'

// keepPosition changes the log while the text in view doesn't move. The log's scroll position
// counts from its end, so only changes below the text in view would move it.
export function keepPosition(log, change) {
  const { y } = log.getBoundingClientRect()
  const top = el => el.getBoundingClientRect().y
  const seen = [...log.querySelectorAll('.message > p')].find(el => el.getBoundingClientRect().bottom > y)
  const before = seen && top(seen)
  change()
  if (seen) log.scrollTop += top(seen) - before
}

// newText returns the words of the line of new messages.
export const newText = n => (n === 1 ? '1 new message' : thousands(n) + ' new messages')

// adopt makes a row that was waiting the row that answers it. It keeps the elements that are equal,
// so that nothing is added that is there already.
export function adopt(el, answered) {
  for (const { name } of [...el.attributes]) el.removeAttribute(name)
  for (const { name, value } of answered.attributes) el.setAttribute(name, value)
  const children = [...answered.children]
  while (el.children.length > children.length) el.lastElementChild.remove()
  children.forEach((child, i) => {
    const own = el.children[i]
    if (!own) el.append(child)
    else if (!own.isEqualNode(child)) own.replaceWith(child)
  })
  return el
}

// placeUnreadLine puts the line of new messages before the first message that was unread when the
// page was made, once a page with that message is loaded. It returns whether it did.
export function placeUnreadLine(list, sorted, { total, unread, firstUnread, me }) {
  const seen = firstUnread ? firstUnread - 1 : total - unread
  if (list.querySelector('.new') || sorted[0].seq > seen + 1) return false
  const first = sorted.find(row => row.seq > seen && row.seq <= total && row.sender !== me && !row.system)
  if (!(first?.seq > 1)) return false
  first.el.before(parse(`<li class="new" id="new">${newText(unread)}</li>`))
  return true
}

function heading(el, row) {
  const date = new Date(row.time)
  el ??= parse('<li class="day"><h2><time></time></h2></li>').firstChild
  const time = el.querySelector('time')
  time.dateTime = dayKey(date)
  const text = dayHeading(date, new Date())
  if (time.textContent !== text) time.textContent = text
  return el
}

// setChildren makes these elements the list's children. Of two elements that changed places, one
// moves.
function setChildren(list, children) {
  const keep = new Set(children)
  for (const el of [...list.children]) if (!keep.has(el)) el.remove()
  let at = list.firstElementChild
  for (const el of children) {
    if (at && at !== el && at.nextElementSibling === el) at = el // the element before moves later, at its own turn
    if (at === el) at = el.nextElementSibling
    else list.insertBefore(el, at)
  }
}
