// Times: UTC in the document, said in the reader's own zone and words.

const day = 864e5
const minute = 6e4
const two = n => String(n).padStart(2, '0')
// By hand: the page is in English, and its first Intl.DateTimeFormat takes a phone 30 ms.
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const months = 'January February March April May June July August September October November December'.split(' ')
const midnight = date => new Date(date.getFullYear(), date.getMonth(), date.getDate())
const daysAgo = (date, now) => Math.round((midnight(now) - midnight(date)) / day) // a day may have 23 or 25 hours
const year = (date, now) => (date.getFullYear() === now.getFullYear() ? '' : ' ' + date.getFullYear())

// clock is 14:42.
export const clock = date => two(date.getHours()) + ':' + two(date.getMinutes())

// dayKey is 2026-11-23: days sort by it.
export const dayKey = date => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')

// dayWord heads a day: Today, Yesterday, Saturday 21 November, Saturday 22 November 2025.
export function dayWord(date, now) {
  const ago = daysAgo(date, now)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  return `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]}${year(date, now)}`
}

// shortWord is for lists: 14:42, Yesterday, Sat, 12 Nov, 3 Mar 2025.
export function shortWord(date, now) {
  const ago = daysAgo(date, now)
  if (ago === 0) return clock(date)
  if (ago === 1) return 'Yesterday'
  if (ago > 1 && ago < 7) return weekdays[date.getDay()].slice(0, 3)
  return `${date.getDate()} ${months[date.getMonth()].slice(0, 3)}${year(date, now)}`
}

// beside tells what a row {time, sender} shows because of the one before it, {time, sender, day} (none: null): whether a day begins
// (days only go forward, even if two clocks disagree), whether it shows its time after a pause, or just goes on with the same speaker.
export function beside(before, row) {
  const day = dayKey(new Date(row.time))
  const begins = !before || day > before.day
  const gap = before ? row.time - before.time : 0
  const pause = begins || gap >= 20 * minute
  return { day: begins ? day : before.day, begins, pause, more: !pause && before.sender === row.sender && gap < 6 * minute }
}

// say puts the times below an element into the reader's words.
export function say(root, now = new Date()) {
  for (const time of root.querySelectorAll('.message > a > time, .conversation > time')) {
    const date = new Date(time.dateTime)
    time.textContent = time.closest('.message') ? clock(date) : shortWord(date, now)
  }
}
