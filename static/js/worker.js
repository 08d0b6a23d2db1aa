// Worker: answers with a page of our own when a page can't be fetched. It keeps that page and its stylesheet, and nothing else: no
// page of anybody, no message. Posts, streams and sign-ins pass by it. app/web/offline.go puts kept and version before it. No navigation preload:
// what passes by would be asked for twice, and a sign-in counts once.
addEventListener('install', event => {
  event.waitUntil(caches.open(version).then(cache => cache.addAll(kept)).then(() => skipWaiting()))
})

addEventListener('activate', event => {
  event.waitUntil(caches.keys().then(names => Promise.all(names.filter(name => name !== version).map(name => caches.delete(name)))))
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
