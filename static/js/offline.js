// Offline: the page that the service worker shows at an address that can't be fetched. It tries by
// itself whether Parley answers again, and opens that address.
import { backoff, retryAfter } from './timing.js'

// reopen calls reload when Parley answers. It asks after a backoff, and when the device or the
// person returns.
export function reopen(failures, reload) {
  let timer = 0
  let busy = false
  const attempt = async () => {
    clearTimeout(timer)
    if (busy) return
    busy = true
    const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5e3) }).catch(() => null)
    busy = false
    if (answer?.ok) return reload()
    wait(answer)
  }
  const wait = answer => {
    timer = setTimeout(attempt, Math.max(Math.min(backoff(failures++), 1e4), retryAfter(answer)))
  }
  addEventListener('online', attempt)
  document.addEventListener('visibilitychange', () => document.hidden || attempt())
  wait()
}

// A reload that led here again counts as a failure. At its own address the page leads nowhere else.
const [navigation] = globalThis.performance?.getEntriesByType?.('navigation') ?? []
if (navigation && location.pathname !== '/offline') reopen(navigation.type === 'reload' ? 2 : 0, () => location.reload())
