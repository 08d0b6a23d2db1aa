import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, coalesce, throttle, withRetry } from '../timing.js'

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
