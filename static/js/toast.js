// Toast: a short-lived notice in a corner. The server sends toasts out of band; the script removes
// them. A failed htmx request that the person started is reported there as well.
const unreachable =
  '<p class="problems" role="alert">Parley can’t be reached just now. Please try again in a moment.</p>'

// showUnreachable tells that a request of the person's got no answer.
export function showUnreachable() {
  const corner = document.querySelector('.toasts')
  corner.insertAdjacentHTML('beforeend', unreachable)
  setTimeout(() => corner.querySelector('.problems')?.remove(), 1e4)
}

// manageToasts removes toasts from the corner after 10 s, or at a click of their button.
export function manageToasts(corner) {
  const expire = el => {
    const remove = () => el.remove()
    setTimeout(remove, 1e4)
    el.querySelector('button')?.addEventListener('click', remove)
  }
  addEventListener('htmx:load', ({ target }) => target.matches('.toast') && expire(target))
  for (const failed of ['htmx:responseError', 'htmx:sendError']) {
    addEventListener(failed, ({ detail: { xhr, requestConfig } }) => {
      if (!requestConfig.triggeringEvent?.isTrusted) return // a list that refreshes itself
      corner.insertAdjacentHTML('beforeend', xhr.responseText || unreachable)
      expire(corner.lastElementChild)
    })
  }
}
