// Copies: the service worker (worker.js) keeps copies of visited pages, for times without a
// connection, and sends what waits in the outbox when no page is left.

// keepCopies registers the worker. source is the page's stream, or null.
export function keepCopies(source, outbox) {
  const { serviceWorker: worker } = navigator
  if (!worker) return
  const send = message => worker.ready.then(({ active }) => active.postMessage(message))
  // The worker doesn't see the requests of a document that was loaded before it.
  let last
  const visited = () => {
    if (worker.controller || last === location.href || !location.pathname.startsWith('/conversations')) return
    last = location.href
    send(location.pathname)
  }
  const register = () => {
    worker.register('/worker.js').catch(() => {})
    visited()
  }
  if (document.readyState === 'complete') register()
  else addEventListener('load', register)
  document.addEventListener('pane:show', visited)
  source?.addEventListener('signout', () => send('signout'))
  worker.ready.then(({ sync }) => {
    const leave = () => outbox.items[0] && sync?.register('outbox').catch(() => {})
    addEventListener('pagehide', leave)
    document.addEventListener('visibilitychange', () => document.hidden && leave())
  })
}
