// List: the conversations beside every page. It keeps what was loaded, the focus and the place when htmx replaces it, walks by arrows, shows
// who types, and has a menu for each row: by its button, the right button, a long press or a swipe.
// All that a menu does can be done on the conversation's details page, too.

const rowSelector = '.conversations > li:not(#older)'
const lastSeq = Number.MAX_SAFE_INTEGER // the server takes the last message's instead

// neighbour returns the index that a key leads to from another in a list of n, or -1.
export function neighbour(key, index, n) {
  const steps = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: n - 1 }
  return steps[key] < n ? steps[key] ?? -1 : -1
}

// listState returns the parameters of a refresh: as many rows as are shown, of the same list.
export function listState(rows, archive) {
  const state = {}
  if (rows > 50) state.limit = Math.min(rows, 500)
  if (archive) state.in = 'archive'
  return state
}

function menuButton(link) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button quiet square row-more'
  button.ariaLabel = 'More about ' + link.querySelector('.name').textContent.trim()
  button.ariaHasPopup = 'true'
  button.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-more"></use></svg>'
  return button
}

// manageList starts all of that. source may be null; me is the viewer's id.
export function manageList(list, filter, source, me) {
  const links = () => [...list.querySelectorAll('.conversation')]
  const rowOf = id => document.getElementById('talk-' + id)

  // One row is a stop of the Tab key, with the button that opens its menu.
  const setTabStop = (stop = list.querySelector('[aria-current]') ?? links()[0]) => {
    for (const link of links()) {
      if (!link.nextElementSibling) link.after(menuButton(link))
      link.tabIndex = link.nextElementSibling.tabIndex = link === stop ? 0 : -1
    }
  }
  list.addEventListener('focusin', ({ target }) => {
    const link = target.closest('li')?.querySelector('.conversation')
    if (link) setTabStop(link)
  })
  list.addEventListener('keydown', event => {
    const all = links()
    const at = all.indexOf(event.target)
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const to = neighbour(event.key, at, all.length)
    if (to < 0 && !(event.key === 'ArrowUp' && at === 0)) return
    event.preventDefault()
    ;(all[to] ?? filter).focus()
  })

  // In the filter, the arrow down leads to the first hit and Enter opens it.
  let opening = false
  filter.addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === 'ArrowDown' && links()[0]) {
      event.preventDefault()
      links()[0].focus()
    }
    if (event.key === 'Enter') opening = !!filter.value.trim()
  })
  filter.addEventListener('input', () => { opening = false })

  const touchesList = ({ target }) => target === list || list.contains(target)
  addEventListener('htmx:configRequest', ({ detail }) => {
    if (detail.elt !== list && !detail.elt.contains(filter)) return
    const rows = detail.elt === list ? list.querySelectorAll(rowSelector).length : 0
    Object.assign(detail.parameters, listState(rows, list.querySelector('[data-in]')))
  })

  // focused is the focused row, as its place and id, from before a swap to after it.
  let focused = null
  addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (!touchesList(detail)) return
    const { activeElement } = document
    const row = list.contains(activeElement) && activeElement.closest('li')
    const place = el => [...el.parentNode.children].indexOf(el)
    focused = row && { row, at: place(row), part: place(activeElement) }
  })
  addEventListener('htmx:afterSwap', ({ detail, target }) => {
    if (!touchesList(detail)) return
    dropDoubles()
    setTabStop()
    for (const id of typing.keys()) showTyping(id)
    if (focused && !list.contains(document.activeElement)) {
      const row = document.getElementById(focused.row.id) ?? list.querySelectorAll('.conversations > li')[focused.at]
      ;(row?.children[focused.part] ?? links().at(-1))?.focus({ preventScroll: true })
    }
    focused = null
    if (detail.requestConfig.elt === list) return
    if (opening) links()[0]?.click()
    opening = false
  })

  // A row that moved while a further page was loaded is in both: the first one is newer.
  const dropDoubles = () => {
    const seen = new Set()
    for (const row of list.querySelectorAll(rowSelector)) {
      if (seen.has(row.id)) row.remove()
      seen.add(row.id)
    }
  }

  // typing has the timers of who types where, by the conversation's id.
  const typing = new Map()
  const showTyping = (id, over) => {
    const link = rowOf(id)?.querySelector('.conversation')
    link?.querySelector('.writing')?.remove()
    if (over) typing.delete(id)
    if (!link || over) return
    const text = document.createElement('span')
    text.className = 'last writing'
    text.textContent = 'is writing'
    link.querySelector('.last').before(text)
  }
  const stopTyping = id => {
    clearTimeout(typing.get(id))
    showTyping(id, true)
  }
  source?.addEventListener('typing', ({ data }) => {
    const { conversation_id: id, person } = JSON.parse(data)
    if (person === me) return
    clearTimeout(typing.get(id))
    typing.set(id, setTimeout(stopTyping, 6e3, id))
    showTyping(id)
  })
  source?.addEventListener('message', ({ data }) => {
    const id = /data-conversation="([^"]+)"/.exec(data)?.[1]
    if (typing.has(id) && !data.includes('data-sender="' + me + '"')) stopTyping(id)
  })

  setTabStop()

  // The menu is fetched when the list is first pointed at or has the focus.
  const uses = ['pointerover', 'pointerdown', 'focusin', 'click', 'contextmenu']
  let menu = null
  const useMenu = event => {
    if (event.type === 'contextmenu' && !event.shiftKey) event.preventDefault()
    menu ??= startMenu(list)
    menu.then(handle => {
      for (const name of uses) list.removeEventListener(name, useMenu)
      handle(event)
    }).catch(() => { menu = null })
  }
  for (const name of uses) list.addEventListener(name, useMenu)
}

const longPress = 500 // ms
const swipeDistance = 72 // px
const swipeWords = { read: 'Read', unread: 'Unread', archive: 'Archive' }

// fits reports whether a row's states offer an item: "pinned" needs the state, "!pinned" its absence.
export const fits = (states, when) => states.includes(when.replace('!', '')) !== when.startsWith('!')

// swipeAction returns what a swipe of some pixels does with a row: to the right it marks, to the
// left it archives; 0 is neither.
export function swipeAction(dx, states) {
  if (Math.abs(dx) < swipeDistance) return 0
  return dx > 0 ? (states.includes('unread') ? 'read' : 'unread') : 'archive'
}

// startMenu fetches the menu of the rows and starts it. It returns a function that handles the
// events that came before.
async function startMenu(list) {
  const answer = await fetch('/conversations', { headers: { 'HX-Request': 'true', 'HX-Target': 'row-menu' } })
  if (!answer.ok) throw answer
  document.body.insertAdjacentHTML('beforeend', await answer.text())
  const menu = document.getElementById('row-menu')
  const box = menu.querySelector('ul')
  const items = [...menu.querySelectorAll('[data-when]')]
  const statesOf = of => [...(of.dataset.is ?? '').split(' '), of.querySelector('.badge') ? 'unread' : '']
  let row = null
  let opener = null

  const offered = () => items.filter(item => {
    item.hidden = !fits(statesOf(row), item.dataset.when)
    return !item.hidden
  })
  const open = (of, x, y) => {
    row = of
    opener = row.querySelector('.conversation')
    const first = offered()[0]
    menu.querySelector('a').href = '/conversations/' + row.id.slice(5) + '/details'
    menu.showPopover()
    menu.style.left = Math.max(8, Math.min(x, innerWidth - box.offsetWidth - 8)) + 'px'
    menu.style.top = Math.max(8, Math.min(y, innerHeight - box.offsetHeight - 8)) + 'px'
    first.querySelector('button').focus({ focusVisible: true })
  }
  const post = (form, event) => {
    const values = Object.fromEntries(new FormData(form))
    if ('seq' in values) values.seq = lastSeq
    const path = '/conversations/' + row.id.slice(5) + '/' + form.dataset.route
    htmx.ajax('POST', path, { source: menu, target: menu, swap: 'none', values, event })
      .then(() => document.body.dispatchEvent(new Event('news')))
  }
  const formOf = (route, states) => items.find(item =>
    item.querySelector('form').dataset.route === route && fits(states, item.dataset.when))?.querySelector('form')

  menu.addEventListener('submit', event => {
    event.preventDefault()
    menu.hidePopover()
    opener.focus({ preventScroll: true })
    post(event.target, event)
  })
  menu.addEventListener('click', ({ target }) => target.closest('a') && menu.hidePopover())
  menu.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') opener.focus({ preventScroll: true })
    if (!step) return
    event.preventDefault()
    const all = [...menu.querySelectorAll('button, a')].filter(el => el.checkVisibility())
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus()
  })

  const rowAt = target => target.closest?.(rowSelector)
  const handlers = {}
  const on = (name, handle) => {
    handlers[name] = handle
    list.addEventListener(name, handle)
  }
  on('click', event => {
    const button = event.target.closest('.row-more')
    if (!button?.isConnected || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const { right, bottom } = button.getBoundingClientRect()
    open(rowAt(event.target), right - 220, bottom)
  })
  on('contextmenu', event => {
    const at = rowAt(event.target)
    if (!at?.isConnected || event.shiftKey) return // with Shift the browser's own
    event.preventDefault()
    endTouch()
    const { left, top } = at.getBoundingClientRect()
    open(at, event.clientX || left + 64, event.clientY || top + 32) // the key has no place
  })

  // touch is the row under a finger, where the finger began, and the timer of a long press.
  let touch = null
  const endTouch = () => {
    if (!touch) return
    clearTimeout(touch.timer)
    touch.link.style.cssText = touch.row.style.cssText = ''
    touch.label.remove()
    touch = null
  }
  const swallowClick = () => {
    const swallow = event => { event.preventDefault(); event.stopPropagation() }
    addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => removeEventListener('click', swallow, true), 400)
  }
  on('pointerdown', event => {
    const at = rowAt(event.target)
    endTouch()
    if (event.pointerType === 'mouse' || !event.isPrimary || !at) return
    const timer = setTimeout(() => {
      const { clientX, clientY } = event
      endTouch()
      addEventListener('pointerup', swallowClick, { once: true })
      open(at, clientX, clientY)
    }, longPress)
    const label = document.createElement('b')
    label.className = 'swipe-word'
    touch = { row: at, link: at.querySelector('.conversation'), x: event.clientX, y: event.clientY, dx: 0, timer, label }
  })
  list.addEventListener('pointermove', event => {
    if (!touch || !event.isPrimary) return
    const dx = event.clientX - touch.x
    if (Math.hypot(dx, event.clientY - touch.y) > 10) clearTimeout(touch.timer)
    if (!touch.dx && (Math.abs(dx) < 12 || Math.abs(event.clientY - touch.y) > Math.abs(dx))) return
    touch.dx = dx
    touch.link.style.cssText = 'background:var(--ground);translate:' + dx + 'px'
    touch.row.style.background = 'var(--accent-soft)'
    touch.label.textContent = swipeWords[swipeAction(dx, statesOf(touch.row))] ?? ''
    touch.label.style.textAlign = dx > 0 ? 'left' : 'right'
    touch.row.prepend(touch.label)
  })
  list.addEventListener('pointerup', event => {
    if (!touch) return
    const { row: at, dx } = touch
    endTouch()
    if (!dx) return
    swallowClick()
    const states = statesOf(at)
    const form = formOf(swipeAction(dx, states), states)
    if (!form) return
    row = at
    post(form, event)
  })
  list.addEventListener('pointercancel', endTouch)
  return event => handlers[event.type]?.(event)
}
