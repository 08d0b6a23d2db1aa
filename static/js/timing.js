// Pace: how often things are done. Nothing here knows what they are.

// once runs one at a time; however often it is asked meanwhile, it runs exactly once more.
export function once(run) {
  let busy = false
  let again = false
  return async function ask() {
    again = true
    if (busy) return
    busy = true
    try {
      while (again) {
        again = false
        await run()
      }
    } finally {
      busy = false
    }
  }
}

// seldom runs at once, then at most every so many milliseconds; what is asked meanwhile is done once, at the end.
export function seldom(ms, run) {
  let timer = 0
  let again = false
  return function ask() {
    if (timer) {
      again = true
      return
    }
    timer = setTimeout(() => {
      timer = 0
      if (again) ask()
    }, ms)
    again = false
    run()
  }
}

// retrying runs; when that throws, it runs again after a backoff (or when it is called before).
export function retrying(run) {
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

// backoff is how long to wait after so many failures in a row: between half and all of 1 s, 2 s, 4 s … 30 s, by chance, so that many
// pages don't come back in step.
export function backoff(failures, chance = Math.random()) {
  return Math.min(30e3, 1e3 * 2 ** Math.min(failures, 5)) * (0.5 + chance / 2)
}
