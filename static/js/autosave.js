// Autosave: a form that saves when it changes shows its errors at its status, too. A theme applies at
// once to the frame, which stays when the account page is left.
export function watchAutosave(body) {
  body.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.shouldSwap = true
  })
  body.addEventListener('change', ({ target: { name, value } }) => {
    if (name === 'theme') document.documentElement.dataset.theme = value
  })
  body.addEventListener('htmx:sendError', ({ detail }) => {
    if (detail.target.matches('[role=status]')) detail.target.textContent = 'Not saved: no answer came. Try again.'
  })
}
