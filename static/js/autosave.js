// Saving: a form that saves by itself says so too when that failed.
export function watchSaving(body) {
  body.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.shouldSwap = true
  })
  body.addEventListener('htmx:sendError', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.target.textContent = 'Not saved: no answer came. Try again.'
  })
}
