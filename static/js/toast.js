// Toast: news in a corner, for a moment. It comes from the server, out of band; here it goes again. What a person asked htmx for and didn't
// get is told there too.
const away = 'Parley can’t be reached just now. Please try again in a moment.'

// toasting takes care of what is put into the corner.
export function toasting(corner) {
  const tend = el => {
    const gone = () => el.remove()
    setTimeout(gone, 1e4)
    el.querySelector('button')?.addEventListener('click', gone)
  }
  addEventListener('htmx:load', ({ target }) => target.matches('.toast') && tend(target))
  for (const failed of ['htmx:responseError', 'htmx:sendError']) {
    addEventListener(failed, ({ detail: { xhr, requestConfig } }) => {
      if (!requestConfig.triggeringEvent?.isTrusted) return // nobody asked: a list that looks for news by itself
      corner.insertAdjacentHTML('beforeend', xhr.responseText || '<p class="problems" role="alert">' + away + '</p>')
      tend(corner.lastElementChild)
    })
  }
}
