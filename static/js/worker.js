// Worker: answers with a page of our own when a page can't be fetched. It keeps that page and its stylesheet, and nothing else: no
// page of anybody, no message. Posts, streams and sign-ins pass by it. app/web/offline.go puts kept and version before it.
addEventListener('install', event => {
  event.waitUntil(caches.open(version).then(cache => cache.addAll(kept)).then(() => skipWaiting()))
})

addEventListener('activate', event => {
  event.waitUntil(Promise.all([
    caches.keys().then(names => Promise.all(names.filter(name => name !== version).map(name => caches.delete(name)))),
    registration.navigationPreload?.enable(), // the request leaves while this starts
  ]))
})

addEventListener('fetch', event => {
  const { request } = event
  const path = new URL(request.url).pathname
  if (request.mode === 'navigate') {
    if (request.method === 'GET' && !path.startsWith('/auth/')) event.respondWith(page(event))
  } else if (kept.includes(path)) {
    event.respondWith(caches.match(request).then(answer => answer ?? fetch(request)))
  }
})

async function page(event) {
  try {
    return await event.preloadResponse ?? await fetch(event.request)
  } catch {
    return await caches.match(kept[0]) ?? Response.error()
  }
}
