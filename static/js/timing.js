// Timing: how often functions run. Nothing here depends on what they do.

// coalesce runs one call at a time. Calls during a run are merged into exactly one more run after
// it.
export function coalesce(run) {
  let busy = false
  let pending = false
  return async function call() {
    pending = true
    if (busy) return
    busy = true
    try {
      while (pending) {
        pending = false
        await run()
      }
    } finally {
      busy = false
    }
  }
}

// throttle runs the first call at once, then at most one per ms milliseconds. Calls in between are
// merged into one at the end.
export function throttle(ms, run) {
  let timer = 0
  let pending = false
  return function call() {
    if (timer) {
      pending = true
      return
    }
    timer = setTimeout(() => {
      timer = 0
      if (pending) call()
    }, ms)
    pending = false
    run()
  }
}

// withRetry runs, and when that throws, runs again after a backoff or at the next call, whichever
// is earlier.
export function withRetry(run) {
  let failures = 0
  let timer = 0
  return async function attempt() {
    clearTimeout(timer)
    try {
      await run()
      failures = 0
    } catch {
      timer = setTimeout(attempt, backoff(failures++))
    }
  }
}

// backoff returns the milliseconds to wait after a number of consecutive failures: between half and
// all of 1 s, 2 s, 4 s … 30 s. The random half keeps pages from retrying in step.
export function backoff(failures, random = Math.random()) {
  return Math.min(30e3, 1e3 * 2 ** Math.min(failures, 5)) * (0.5 + random / 2)
}
