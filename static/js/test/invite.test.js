import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offerLinks } from '../invite.js'

// page returns a root with a field, one button and a status, and a function that clicks the button.
function page(dataset) {
  const field = { value: 'https://example.org/invite/x', selected: false, select() { this.selected = true } }
  const status = { textContent: '' }
  const button = { dataset, closest: () => button, parentElement: { querySelector: () => status } }
  let click
  const root = {
    attributes: {},
    toggleAttribute(name, on) { this.attributes[name] = on },
    addEventListener: (_, listener) => (click = listener),
    querySelector: () => field,
  }
  return { root, field, status, click: () => click({ target: button }) }
}

test('Copy writes the link and says so', async () => {
  const { root, status, click } = page({ copy: 'invite-link' })
  let copied
  offerLinks(root, { clipboard: { writeText: async text => (copied = text) } })
  await click()
  assert.equal(copied, 'https://example.org/invite/x')
  assert.equal(status.textContent, 'Copied')
  assert.equal(root.attributes['data-can-share'], false)
})

test('without a clipboard the link is selected', async () => {
  for (const browser of [{}, { clipboard: { writeText: () => Promise.reject(Error('denied')) } }]) {
    const { root, field, status, click } = page({ copy: 'invite-link' })
    offerLinks(root, browser)
    await click()
    assert.ok(field.selected)
    assert.equal(status.textContent, 'Selected: copy it now')
  }
})

test('Share passes the link on, and a cancelled one is no error', async () => {
  const { root, click } = page({ share: 'invite-link' })
  let shared
  offerLinks(root, { share: async data => { shared = data; throw Error('cancelled') } })
  await click()
  assert.deepEqual(shared, { url: 'https://example.org/invite/x' })
  assert.ok(root.attributes['data-can-share'])
})
