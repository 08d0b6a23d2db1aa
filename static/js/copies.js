// Copies: the service worker (worker.js) keeps copies of visited pages, for times without a
// connection.

// keepCopies registers the worker. source is the page's stream, or null.
export function keepCopies(source) {
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
  addEventListener('load', () => {
    worker.register('/worker.js').catch(() => {})
    visited()
  })
  document.addEventListener('pane:show', visited)
  source?.addEventListener('signout', () => send('signout'))
  // The page fetches what came since its copy was made.
  source?.addEventListener('ready', () => document.querySelectorAll('.old-copy').forEach(note => note.remove()))
}
