// An IndexedDB in memory, as far as Store uses it. Databases outlive the pages that open them.
const task = run => setImmediate(run)
globalThis.IDBKeyRange = { bound: (low, high) => ({ low, high }) }

// fakeIndexedDB returns a factory. full makes writes fail, refused makes opening fail.
export function fakeIndexedDB() {
  const stores = new Map()
  const factory = { full: false, refused: false, stores }
  factory.open = () => {
    const opening = { result: { createObjectStore, transaction } }
    task(() => {
      if (factory.refused) return opening.onerror(new Error('refused'))
      if (!stores.size) opening.onupgradeneeded()
      opening.onsuccess()
    })
    return opening
  }
  const createObjectStore = (name, { keyPath }) => stores.set(name, { keyPath, values: new Map() })
  const transaction = (name, mode) => {
    const { keyPath, values } = stores.get(name)
    const tx = {}
    const act = (writes, run) => {
      const request = {}
      if (writes && mode !== 'readwrite') throw new Error('ReadOnlyError')
      task(() => {
        if (writes && factory.full) {
          tx.error = new Error('QuotaExceededError')
          return tx.onabort()
        }
        request.result = run()
        tx.oncomplete()
      })
      return request
    }
    tx.objectStore = () => ({
      put: value => {
        const copy = structuredClone(value)
        return act(true, () => values.set(JSON.stringify(keyPath.map(field => copy[field])), copy))
      },
      delete: key => act(true, () => values.delete(JSON.stringify(key))),
      getAll: range => act(false, () => [...values]
        .filter(([key]) => !range || JSON.parse(key)[0] === range.low[0])
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, value]) => structuredClone(value))),
    })
    return tx
  }
  return factory
}
