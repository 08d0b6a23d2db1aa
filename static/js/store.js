// Store: what this browser keeps of a person's words: messages that are not confirmed yet, and
// drafts. It is IndexedDB, and memory where the browser refuses that or has no room. Every value has
// the fields of its key, whose first is the person, so nobody reads the words of another person.
const storeKeys = { outbox: ['person', 'conversation', 'client'], drafts: ['person', 'conversation'] }

export class Store {
  durable = true // whether the last value was kept by the browser
  memory = { outbox: new Map(), drafts: new Map() } // the values that the browser didn't keep

  constructor(factory = globalThis.indexedDB) {
    this.factory = factory
  }

  // put keeps a value in place of the one with the same key. It never fails.
  async put(name, value) {
    const id = idOf(name, value)
    try {
      await this.request(name, 'readwrite', store => store.put(value))
      this.memory[name].delete(id)
      this.durable = true
    } catch {
      this.memory[name].set(id, value)
      this.durable = false
    }
  }

  // delete removes the value with the key of this value.
  async delete(name, value) {
    this.memory[name].delete(idOf(name, value))
    await this.request(name, 'readwrite', store => store.delete(keyOf(name, value))).catch(() => {})
  }

  // all returns the values of a person, or of everybody, in the order of their keys.
  async all(name, person) {
    const read = store => store.getAll(person && IDBKeyRange.bound([person], [person, []]))
    const kept = await this.request(name, 'readonly', read).catch(() => [])
    const values = new Map(kept.map(value => [idOf(name, value), value]))
    for (const [id, value] of this.memory[name]) if (!person || value.person === person) values.set(id, value)
    return [...values.values()]
  }

  // clear removes everything of a person.
  async clear(person) {
    for (const name in storeKeys) {
      for (const value of await this.all(name, person)) await this.delete(name, value)
    }
  }

  // request makes one request in a transaction of its own. The commit is requested at once, because
  // the page may be closed before the answer.
  async request(name, mode, act) {
    const db = await (this.opened ??= this.open())
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(name, mode)
      const request = act(transaction.objectStore(name))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
      transaction.commit?.()
    })
  }

  open() {
    return new Promise((resolve, reject) => {
      const opening = this.factory.open('parley', 1)
      const timer = setTimeout(reject, 3e3) // some browsers never answer
      opening.onupgradeneeded = () => {
        for (const name in storeKeys) opening.result.createObjectStore(name, { keyPath: storeKeys[name] })
      }
      opening.onerror = reject
      opening.onsuccess = () => {
        clearTimeout(timer)
        const db = opening.result
        db.onversionchange = () => db.close()
        db.onclose = () => { this.opened = null } // the browser deleted the site's data
        resolve(db)
      }
    })
  }
}

const keyOf = (name, value) => storeKeys[name].map(field => value[field])
const idOf = (name, value) => keyOf(name, value).join()
