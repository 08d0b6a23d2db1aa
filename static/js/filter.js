// Filter: the filter of the conversation list.

// clearOnEscape makes Escape clear it, in browsers that don't do so themselves.
export function clearOnEscape(input) {
  input.addEventListener('keydown', event => {
    // An input method's Escape drops its composition only; 229 is its key in older browsers.
    if (event.key !== 'Escape' || !input.value || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    input.value = ''
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
}
