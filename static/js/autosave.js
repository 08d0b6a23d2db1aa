// Autosave: a form that saves when it changes shows its errors at its status, too.
export function watchAutosave(body) {
  body.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.shouldSwap = true
  })
  body.addEventListener('htmx:sendError', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.target.textContent = 'Not saved: no answer came. Try again.'
  })
}
