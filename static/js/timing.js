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
// is earlier. When run throws an answer with Retry-After, calls before that time wait for it.
export function withRetry(run) {
  let failures = 0
  let timer = 0
  let notBefore = 0
  return async function attempt() {
    clearTimeout(timer)
    const early = notBefore - Date.now()
    if (early > 0) {
      timer = setTimeout(attempt, early)
      return
    }
    try {
      await run()
      failures = 0
    } catch (error) {
      const wait = retryAfter(error)
      notBefore = Date.now() + wait
      timer = setTimeout(attempt, Math.max(wait, backoff(failures++)))
    }
  }
}

// retryAfter returns the milliseconds that an answer asks to wait before a retry (RFC 9110
// §10.2.3), at most 2 minutes; 0 for other answers and errors.
export function retryAfter(answer) {
  const value = answer?.headers?.get('Retry-After')
  const wait = value ? (value >= 0 ? value * 1e3 : Date.parse(value) - Date.now()) : 0
  return Math.min(Math.max(wait, 0) || 0, 120e3)
}

// backoff returns the milliseconds to wait after a number of consecutive failures: between half and
// all of 1 s, 2 s, 4 s … 30 s. The random half keeps pages from retrying in step.
export function backoff(failures, random = Math.random()) {
  return Math.min(30e3, 1e3 * 2 ** Math.min(failures, 5)) * (0.5 + random / 2)
}
