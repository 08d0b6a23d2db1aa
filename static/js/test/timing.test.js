import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, coalesce, throttle, withRetry, retryAfter } from '../timing.js'

const settled = () => new Promise(setImmediate)

test('coalesce: one run at a time, and calls during a run cause exactly one more', async () => {
  let runs = 0
  let atOnce = 0
  const ends = []
  const call = coalesce(() => {
    runs++
    assert.equal(++atOnce, 1)
    return new Promise(end => ends.push(end)).then(() => atOnce--)
  })
  call()
  call()
  call()
  assert.equal(runs, 1)
  ends.shift()()
  await settled()
  assert.equal(runs, 2)
  ends.shift()()
  await settled()
  assert.equal(runs, 2)
  call()
  assert.equal(runs, 3)
})

test('coalesce: a failure is passed on and does not block the next run', async () => {
  let runs = 0
  const call = coalesce(async () => {
    if (++runs === 1) throw new Error('unavailable')
  })
  await assert.rejects(call())
  await call()
  assert.equal(runs, 2)
})

test('throttle: runs at once, then at most once per interval, and never drops the last call', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  const call = throttle(2000, () => runs++)
  call()
  call()
  call()
  assert.equal(runs, 1)
  t.mock.timers.tick(2000)
  assert.equal(runs, 2)
  t.mock.timers.tick(2000)
  assert.equal(runs, 2)
  call()
  assert.equal(runs, 3)
})

test('withRetry: runs again after a backoff until it succeeds', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  const attempt = withRetry(async () => {
    if (++runs < 3) throw new Error('unavailable')
  })
  await attempt()
  assert.equal(runs, 1)
  t.mock.timers.tick(1000)
  await settled()
  assert.equal(runs, 2)
  t.mock.timers.tick(2000)
  await settled()
  assert.equal(runs, 3)
  t.mock.timers.tick(60000)
  await settled()
  assert.equal(runs, 3)
})

test('backoff: doubles up to 30 s, and half of it is random', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 99].map(n => backoff(n, 1)), [1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3])
  assert.deepEqual([0, 99].map(n => backoff(n, 0)), [500, 15e3])
})

test('withRetry: waits as long as an answer asks, whoever calls', async t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  let runs = 0
  const attempt = withRetry(async () => {
    if (++runs < 2) throw new Response('', { status: 503, headers: { 'Retry-After': '40' } })
  })
  await attempt()
  await attempt()
  t.mock.timers.tick(39e3)
  await attempt()
  assert.equal(runs, 1)
  t.mock.timers.tick(1e3)
  await settled()
  assert.equal(runs, 2)
  await attempt()
  assert.equal(runs, 3)
})

test('retryAfter: seconds or a date, within bounds', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-23T13:42:00Z') })
  const of = value => retryAfter(new Response('', { headers: value ? { 'Retry-After': value } : {} }))
  assert.equal(of('7'), 7e3)
  assert.equal(of('Mon, 23 Nov 2026 13:42:30 GMT'), 30e3)
  assert.equal(of('86400'), 120e3)
  assert.deepEqual([of(''), of('soon'), of('-1'), retryAfter(new TypeError()), retryAfter(null)], [0, 0, 0, 0, 0])
})
