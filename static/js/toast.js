// Toast: a short-lived notice in a corner. The server sends toasts out of band; the script removes
// them. A failed htmx request that the person started is reported there as well.
const unreachable =
  '<p class="problems" role="alert">Parley can’t be reached just now. Please try again in a moment.</p>'

// showProblem shows the problem of a request that the person started: HTML, or that no answer came.
export function showProblem(html = unreachable) {
  const corner = document.querySelector('.toasts')
  corner.insertAdjacentHTML('beforeend', html)
  expire(corner.lastElementChild)
}

// expire removes a toast after 10 s, or at a click of its button.
function expire(el) {
  const remove = () => el.remove()
  setTimeout(remove, 1e4)
  el.querySelector('button')?.addEventListener('click', remove)
}

// manageToasts removes toasts, and shows the problems of htmx's requests.
export function manageToasts() {
  for (const toast of document.querySelectorAll('.toasts > .toast')) expire(toast)
  addEventListener('htmx:load', ({ target }) => target.matches('.toast') && expire(target))
  for (const failed of ['htmx:responseError', 'htmx:sendError']) {
    addEventListener(failed, ({ detail: { xhr, requestConfig } }) => {
      if (!requestConfig.triggeringEvent?.isTrusted) return // a list that refreshes itself
      showProblem(xhr.responseText || undefined)
    })
  }
}
