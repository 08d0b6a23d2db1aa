// Dates: the document has UTC; these functions write dates in the reader's time zone.
import { daysAgo, minute } from './days.js'

const two = n => String(n).padStart(2, '0')
// English names instead of Intl: the page is in English, and the first Intl.DateTimeFormat of a
// page takes a phone 30 ms.
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const months = 'January February March April May June July August September October November December'.split(' ')
const year = (date, now) => (date.getFullYear() === now.getFullYear() ? '' : ' ' + date.getFullYear())

// clock returns a time as 14:42.
export const clock = date => two(date.getHours()) + ':' + two(date.getMinutes())

// dayKey returns a date as 2026-11-23, which sorts by day.
export const dayKey = date => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')

// dayHeading returns the heading of a day: Today, Yesterday, Saturday 21 November, Saturday 22
// November 2025.
export function dayHeading(date, now) {
  const ago = daysAgo(date, now)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  return `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]}${year(date, now)}`
}

// fullDate returns a date as Saturday 21 November 2026, 14:42.
export const fullDate = date =>
  `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}, ${clock(date)}`

// shortDate is for lists: 14:42, Yesterday, Sat, 12 Nov, 3 Mar 2025.
export function shortDate(date, now) {
  const ago = daysAgo(date, now)
  if (ago === 0) return clock(date)
  if (ago === 1) return 'Yesterday'
  if (ago > 1 && ago < 7) return weekdays[date.getDay()].slice(0, 3)
  return `${date.getDate()} ${months[date.getMonth()].slice(0, 3)}${year(date, now)}`
}

// grouping compares a row {time, sender} with the one before it, {time, sender, day}, or null for
// the first row.
//   begins  a day begins; days only move forward, even when two clocks disagree
//   pause   the row shows its time, because a day begins or 20 minutes have passed
//   more    the row continues its sender's previous one, sent less than 6 minutes earlier
export function grouping(before, row) {
  const day = dayKey(new Date(row.time))
  const begins = !before || day > before.day
  const gap = before ? row.time - before.time : 0
  const pause = begins || gap >= 20 * minute
  const more = !pause && before.sender === row.sender && gap < 6 * minute
  return { day: begins ? day : before.day, begins, pause, more }
}

// watchDay calls changed when another day begins in the reader's time zone, or another zone.
export function watchDay(changed) {
  const now = () => dayKey(new Date()) + new Date().getTimezoneOffset()
  let known = now()
  const look = () => {
    if (known === now()) return
    known = now()
    changed()
  }
  setInterval(look, 1e4)
  for (const name of ['focus', 'pageshow']) addEventListener(name, look)
  document.addEventListener('visibilitychange', look)
}

// localize writes the times below an element in the reader's time zone.
export function localize(root, now = new Date()) {
  for (const time of root.querySelectorAll('.message > a > time, .conversation > time')) {
    const date = new Date(time.dateTime)
    time.textContent = time.closest('.message') ? clock(date) : shortDate(date, now)
    time.title = fullDate(date)
  }
}
