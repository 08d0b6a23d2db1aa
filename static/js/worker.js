// Service worker: keeps copies of the conversations that were visited, and answers with them, or
// with a page of its own, when the network doesn't. It doesn't intercept streams, sign-ins and
// posts. Copies belong to one session: they are removed when it ends, and when an answer belongs to
// another one. app/web/offline.go puts the constants kept, version and note before this script.
// There is no navigation preload: requests that the worker doesn't answer would be sent twice, and
// a sign-in counts once.
const maxCopies = 20
const patience = 1e4 // of a person who waits for an answer although there is a copy
const isCopied = /^\/conversations(\/[-\da-f]{36})?$/
const main = /<main[^]*?<\/main>/
let endings = 0 // how often sessions ended, so that a late answer brings no copy back

const holdsCopies = name => name.includes(' ') // its name is the version and the session

const remove = unwanted => caches.keys().then(names => Promise.all(names.filter(unwanted).map(name => caches.delete(name))))

addEventListener('install', event => {
  event.waitUntil(caches.open(version).then(cache => cache.addAll(kept)).then(() => skipWaiting()))
})

addEventListener('activate', event => event.waitUntil(remove(name => name.split(' ')[0] !== version)))

// A page whose requests the worker doesn't see, because it was loaded before, sends its path.
addEventListener('message', event => {
  if (event.data === 'signout') event.waitUntil(forget())
  else {
    const begun = endings
    const answer = fetch(event.data, { headers: { Accept: 'text/html' } })
    event.waitUntil(answer.then(answer => keep(event.data, answer, begun)).catch(() => {}))
  }
})

addEventListener('fetch', event => {
  const { request } = event
  const { pathname, search } = new URL(request.url)
  const inFrame = request.headers.get('HX-Target') === 'pane'
  if (request.method !== 'GET') {
    if (pathname === '/signout') event.waitUntil(forget())
  } else if (request.mode === 'navigate' || inFrame) {
    if (!pathname.startsWith('/auth/')) event.respondWith(page(event, pathname + search, inFrame))
  } else if (kept.includes(pathname)) {
    event.respondWith(caches.match(request).then(answer => answer ?? fetch(request)))
  }
})

async function page(event, path, inFrame) {
  const begun = endings
  const network = fetch(event.request).then(answer => {
    event.waitUntil(keep(path, answer.clone(), begun))
    return answer
  })
  network.catch(() => {}) // it may fail after the copy was shown
  const late = new Promise(answer => setTimeout(async () => {
    const found = await copy(path, inFrame)
    if (found) answer(found)
  }, patience))
  try {
    return await Promise.race([network, late])
  } catch {
    return await copy(path, inFrame) ?? (inFrame ? null : await caches.match(kept[0])) ?? Response.error()
  }
}

// keep copies an answer with a page that may be read later. begun is the value of endings when it
// was requested.
async function keep(path, answer, begun) {
  const session = answer.headers.get('Parley-Session')
  if (answer.status === 401 || (answer.ok && !session && /^\/(signin)?(\?|$)/.test(path))) return forget()
  if (!session) return
  const name = version + ' ' + session
  if (begun !== endings) return
  await remove(other => holdsCopies(other) && other !== name)
  if (!answer.ok || answer.redirected || !isCopied.test(path)) return
  const html = await answer.text()
  const pane = html.match(main)?.[0]
  if (!pane || begun !== endings) return
  const cache = await caches.open(name)
  const headers = new Headers(answer.headers)
  for (const header of ['Content-Encoding', 'Content-Length']) headers.delete(header)
  if (html.startsWith('<!')) await cache.put('/conversations?frame', new Response(html, { headers }))
  await cache.delete(path)
  headers.set('Kept-At', Date.now())
  await cache.put(path, new Response(pane, { headers }))
  const paths = (await cache.keys()).filter(({ url }) => new URL(url).pathname.length > 20)
  for (const oldest of paths.slice(0, -maxCopies)) await cache.delete(oldest)
  if (begun !== endings) await forget()
}

// copy returns the marked copy of a page, or undefined. For a navigation it is put into the frame
// that was seen last.
async function copy(path, inFrame) {
  const names = await caches.keys()
  const cache = await caches.open(names.find(name => name.startsWith(version + ' ')) ?? version)
  const [found, frame] = await Promise.all([cache.match(path), cache.match('/conversations?frame')])
  if (!found?.headers.has('Kept-At') || !frame) return
  const pane = (await found.text()).replace('>', () => '>' + note.replace('TIME', time(+found.headers.get('Kept-At'))))
  const { headers } = found
  if (inFrame) return new Response(pane, { headers })
  const [title, kind] = ['title', 'pane'].map(name => pane.match(`data-${name}="([^"]*)"`)?.[1] ?? '')
  const html = (await frame.text()).replace(main, () => pane)
    .replace(/<title>[^<]*/, () => '<title>' + title)
    .replace(/data-pane="\w*"/, () => `data-pane="${kind}"`)
  return new Response(html, { headers })
}

// time returns 14:05, or 14:05 on 28 November.
function time(at) {
  const date = new Date(at)
  const clock = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (date.toDateString() === new Date().toDateString()) return clock
  return clock + ' on ' + date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })
}

function forget() {
  endings++
  return remove(holdsCopies)
}
