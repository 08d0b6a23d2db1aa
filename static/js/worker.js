// Service worker: answers with a page of its own when a page can't be fetched. It caches that page
// and its stylesheet and nothing else, so no person's page and no message. It doesn't intercept
// posts, streams and sign-ins. app/web/offline.go puts the constants kept and version before this
// script. There is no navigation preload: requests that the worker doesn't answer would be sent
// twice, and a sign-in counts once.
addEventListener('install', event => {
  event.waitUntil(caches.open(version).then(cache => cache.addAll(kept)).then(() => skipWaiting()))
})

addEventListener('activate', event => {
  const removeOld = names => Promise.all(names.filter(name => name !== version).map(name => caches.delete(name)))
  event.waitUntil(caches.keys().then(removeOld))
})

addEventListener('fetch', event => {
  const { request } = event
  const path = new URL(request.url).pathname
  if (request.mode === 'navigate') {
    if (request.method === 'GET' && !path.startsWith('/auth/')) event.respondWith(page(request))
  } else if (kept.includes(path)) {
    event.respondWith(caches.match(request).then(answer => answer ?? fetch(request)))
  }
})

async function page(request) {
  try {
    return await fetch(request)
  } catch {
    return await caches.match(kept[0]) ?? Response.error()
  }
}
