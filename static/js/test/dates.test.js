import assert from 'node:assert/strict'
import { test } from 'node:test'

process.env.TZ = 'Europe/Berlin' // before the first Date
const { clock, dayHeading, dayKey, grouping, shortDate } = await import('../dates.js')
const { lastActive } = await import('../presence.js')
const now = new Date('2026-11-23T13:42:00Z')
const at = utc => new Date(utc)

test('the clock is local, with 24 hours', () => {
  assert.equal(clock(at('2026-11-23T13:42:00.000Z')), '14:42')
  assert.equal(clock(at('2026-11-22T23:05:00Z')), '00:05')
  assert.equal(clock(at('2026-07-01T12:00:00Z')), '14:00')
})

test('headings of days', () => {
  assert.equal(dayHeading(at('2026-11-22T23:05:00Z'), now), 'Today')
  assert.equal(dayHeading(at('2026-11-22T22:55:00Z'), now), 'Yesterday')
  assert.equal(dayHeading(at('2026-11-21T10:00:00Z'), now), 'Saturday 21 November')
  assert.equal(dayHeading(at('2025-11-22T10:00:00Z'), now), 'Saturday 22 November 2025')
})

test('short dates of lists', () => {
  const cases = {
    '2026-11-23T13:20:00Z': '14:20',
    '2026-11-22T10:00:00Z': 'Yesterday',
    '2026-11-21T10:00:00Z': 'Sat',
    '2026-11-17T10:00:00Z': 'Tue',
    '2026-11-16T10:00:00Z': '16 Nov',
    '2026-09-03T10:00:00Z': '3 Sep',
    '2025-03-03T10:00:00Z': '3 Mar 2025',
    '2026-11-25T10:00:00Z': '25 Nov',
  }
  for (const [time, want] of Object.entries(cases)) assert.equal(shortDate(at(time), now), want, time)
})

test('days of 23 and 25 hours count as days', () => {
  assert.equal(dayHeading(at('2026-10-24T22:30:00Z'), at('2026-10-25T22:30:00Z')), 'Today')
  assert.equal(dayHeading(at('2026-10-24T21:30:00Z'), at('2026-10-25T22:30:00Z')), 'Yesterday')
  assert.equal(dayHeading(at('2026-03-28T22:30:00Z'), at('2026-03-29T21:30:00Z')), 'Yesterday')
})

test('day keys sort by day', () => {
  assert.equal(dayKey(at('2026-01-05T23:30:00Z')), '2026-01-06')
})

// groups applies grouping to rows "sender minute", as arrange does.
function groups(start, ...rows) {
  let before = null
  return rows.map(row => {
    const [sender, minutes] = row.split(' ')
    const next = { sender, time: at(start).getTime() + minutes * 6e4 }
    const group = grouping(before, next)
    before = { ...next, day: group.day }
    return [group.begins && 'day', group.pause && 'pause', group.more && 'more'].filter(Boolean).join(' ')
  })
}

test('a sender continues within 6 minutes; 20 minutes are a pause', () => {
  const rows = ['ida 0', 'ida 5.9', 'ida 12', 'you 13', 'ida 32.9', 'ida 52.9', 'ida 53']
  assert.deepEqual(groups('2026-11-23T10:00:00Z', ...rows), ['day pause', 'more', '', '', '', 'pause', 'more'])
})

test('a new day begins with its heading and its time, and never moves back for a wrong clock', () => {
  const rows = ['ida 0', 'ida 1', 'ida 0.5', 'ida 2']
  assert.deepEqual(groups('2026-11-23T22:59:00Z', ...rows), ['day pause', 'day pause', 'more', 'more'])
})

test('last activity is told coarsely', () => {
  const cases = {
    '2026-11-23T13:43:00Z': 'Active a few minutes ago',
    '2026-11-23T13:38:00Z': 'Active a few minutes ago',
    '2026-11-23T13:37:00Z': 'Active 5 minutes ago',
    '2026-11-23T12:43:00Z': 'Active 55 minutes ago',
    '2026-11-23T12:42:00Z': 'Active 1 hour ago',
    '2026-11-22T23:42:00Z': 'Active 14 hours ago',
    '2026-11-22T22:42:00Z': 'Active yesterday',
    '2026-11-17T13:42:00Z': 'Active this week',
    '2026-11-16T13:42:00Z': '',
  }
  for (const [seen, words] of Object.entries(cases)) assert.equal(lastActive(at(seen), now), words, seen)
  assert.equal(lastActive(at('2026-11-22T22:42:00Z'), at('2026-11-23T00:42:00Z')), 'Active 2 hours ago')
})
