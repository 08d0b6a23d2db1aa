// Filter: the filter of the conversation list.

// clearOnEscape makes Escape clear it, in browsers that don't do so themselves.
export function clearOnEscape(input) {
  input.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !input.value) return
    event.preventDefault()
    input.value = ''
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
}
