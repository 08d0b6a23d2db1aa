// Invite: copies and shares the link of a field. The styles hide the buttons without a script, and
// Share without the browser's own sharing.

// offerLinks follows the buttons of a pane; browser is the navigator.
export function offerLinks(root, browser) {
  root.toggleAttribute('data-can-share', 'share' in browser)
  root.addEventListener('click', async ({ target }) => {
    const button = target.closest('[data-copy], [data-share]')
    if (!button) return
    const field = root.querySelector('#' + (button.dataset.copy ?? button.dataset.share))
    if (button.dataset.share) return browser.share({ url: field.value }).catch(() => {}) // cancelled
    field.select()
    const copied = await browser.clipboard?.writeText(field.value).then(() => true, () => false)
    button.parentElement.querySelector('[role=status]').textContent = copied ? 'Copied' : 'Selected: copy it now'
  })
}
