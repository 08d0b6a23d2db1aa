// Background sync: the service worker sends what the outboxes hold when the browser is online again.
import { Outbox } from './outbox.js'
import { Store } from './store.js'

// sendOutboxes sends the waiting messages of everybody. It throws when some must be sent again
// later, so that the browser repeats it. The server refuses those of another person than the one who
// is signed in; they stay.
async function sendOutboxes() {
  const store = new Store()
  const people = new Set((await store.all('outbox')).map(({ person }) => person))
  for (const person of people) {
    const outbox = new Outbox(person, store)
    outbox.channel = new BroadcastChannel('outbox')
    await outbox.load()
    const conversations = new Set(outbox.items.map(({ conversation }) => conversation))
    await Promise.all([...conversations].map(conversation => outbox.drain(conversation)))
  }
}

addEventListener('sync', event => event.tag === 'outbox' && event.waitUntil(sendOutboxes()))
