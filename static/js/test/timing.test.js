import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, once, retrying, seldom } from '../timing.js'

const settled = () => new Promise(setImmediate)

test('once: one at a time, and what is asked meanwhile is done exactly once more', async () => {
  let runs = 0
  let atOnce = 0
  const ends = []
  const ask = once(() => {
    runs++
    assert.equal(++atOnce, 1)
    return new Promise(end => ends.push(end)).then(() => atOnce--)
  })
  ask()
  ask()
  ask()
  assert.equal(runs, 1)
  ends.shift()()
  await settled()
  assert.equal(runs, 2)
  ends.shift()()
  await settled()
  assert.equal(runs, 2)
  ask()
  assert.equal(runs, 3)
})

test('once: a failure is passed on and does not block the next', async () => {
  let runs = 0
  const ask = once(async () => {
    if (++runs === 1) throw new Error('away')
  })
  await assert.rejects(ask())
  await ask()
  assert.equal(runs, 2)
})

test('seldom: at once, then at most every so often, the last one never forgotten', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  const ask = seldom(2000, () => runs++)
  ask()
  ask()
  ask()
  assert.equal(runs, 1)
  t.mock.timers.tick(2000)
  assert.equal(runs, 2)
  t.mock.timers.tick(2000)
  assert.equal(runs, 2)
  ask()
  assert.equal(runs, 3)
})

test('retrying: again after a backoff, until it works', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  const attempt = retrying(async () => {
    if (++runs < 3) throw new Error('away')
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

test('backoff: doubles to 30 s, and the half of it is chance', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 99].map(n => backoff(n, 1)), [1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3])
  assert.deepEqual([0, 99].map(n => backoff(n, 0)), [500, 15e3])
})
