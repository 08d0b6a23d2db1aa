// Picker: a grid of emoji by group, with a search, and those that this person chose lately.
import { suggest, withRecent } from './emoji_names.js'

const recentKey = 'parley-emoji' // session.js removes it when the person signs out
const pickerHTML = `<div class="picker" id="picker" popover role="dialog" aria-label="Emoji">
<label class="vh" for="picking">Search emoji</label>
<input class="input" id="picking" type="search" placeholder="Search emoji" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="40">
<div class="groups" role="group" aria-label="Groups"></div>
<div class="grid"></div><p class="fine" role="status"></p></div>`

// recentEmoji returns what a person chose lately on this device.
function recentEmoji(me) {
  try {
    const kept = JSON.parse(localStorage[recentKey] ?? '{}')
    return kept.person === me ? kept.emoji : []
  } catch {
    return []
  }
}

function keepRecent(me, char) {
  try {
    localStorage[recentKey] = JSON.stringify({ person: me, emoji: withRecent(recentEmoji(me), char) })
  } catch {} // the browser keeps nothing
}

// neighbourIn returns the index that a key leads to from another, in n items of which some stand in a
// row, or -1. The row above and below is that of the same column, or the last one.
export function neighbourIn(key, at, n, columns) {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: n - 1 }[key]
  if (key === 'ArrowDown' && to >= n && Math.floor(at / columns) < Math.floor((n - 1) / columns)) return n - 1
  return to >= 0 && to < n ? to : -1
}

// Picker shows emoji for a person. choose(char) gets the one that is chosen.
export class Picker {
  closed = -1e3 // when it was closed last

  constructor(all, me) {
    this.all = all
    this.me = me
    document.body.insertAdjacentHTML('beforeend', pickerHTML)
    this.el = document.getElementById('picker')
    this.input = this.el.querySelector('input')
    this.grid = this.el.querySelector('.grid')
    this.status = this.el.querySelector('[role=status]')
    this.input.addEventListener('input', () => this.search())
    this.el.addEventListener('beforetoggle', ({ newState }) => { if (newState === 'closed') this.closed = performance.now() })
    this.el.addEventListener('keydown', event => this.follow(event))
    this.el.addEventListener('click', event => this.click(event))
  }

  // open shows the picker beside a button. A button that opened it closes it, as the browser does.
  open(button, choose, close) {
    if (this.el.matches(':popover-open')) return this.hide()
    if (performance.now() - this.closed < 300) return // the press on the button has closed it
    Object.assign(this, { choose, close })
    this.input.value = ''
    this.search()
    this.el.showPopover({ source: button })
    const { right, top } = button.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = this.el
    this.el.style.left = Math.max(8, Math.min(right - width, innerWidth - width - 8)) + 'px'
    this.el.style.top = Math.max(8, top - height - 8) + 'px'
    if (!matchMedia('(pointer: coarse)').matches) this.input.focus()
  }

  // search shows the groups, or what fits the text.
  search() {
    const letters = this.input.value.trim().replaceAll(':', '')
    const recent = recentEmoji(this.me).map(char => this.all.find(emoji => emoji.char === char)).filter(Boolean)
    const groups = Map.groupBy ? Map.groupBy(this.all, ({ group }) => group) : new Map([['Emoji', this.all]])
    const shown = letters ? [['Found', suggest(this.all, letters, 60)]] : [...(recent[0] ? [['Lately', recent]] : []), ...groups]
    this.grid.replaceChildren(...shown.map(([name, emoji], i) => section('picker-' + i, name, emoji)))
    const links = shown.map(([name, [first]], i) => first && button(first.char, name, 'picker-' + i))
    this.el.querySelector('.groups').replaceChildren(...links.filter(Boolean))
    this.el.querySelector('.groups').hidden = !!letters
    const none = letters && !shown[0][1].length
    this.grid.hidden = none
    this.status.textContent = none ? `No emoji is called “${letters}”.` : ''
    this.grid.scrollTop = 0
    const first = this.grid.querySelector('[data-char]')
    if (first) first.tabIndex = 0
  }

  click({ target, shiftKey }) {
    const chosen = target.closest('button')
    if (!chosen) return
    const { char, section } = chosen.dataset
    if (section) return document.getElementById(section).scrollIntoView({ block: 'start' })
    keepRecent(this.me, char)
    this.choose(char)
    if (!shiftKey) this.hide()
  }

  hide() {
    this.el.hidePopover()
    this.close()
  }

  follow(event) {
    const { key, target } = event
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey) return
    const all = [...this.grid.querySelectorAll('[data-char]')]
    if (key === 'Escape') this.hide()
    else if (target === this.input && key === 'Enter') all[0]?.click()
    else if (target === this.input && key === 'ArrowDown') this.move(all[0])
    else if (target.dataset.char) this.walk(key, target, event)
    else return
    if (key === 'Escape' || (target === this.input && key !== 'Escape')) event.preventDefault()
  }

  // walk moves along the emoji, from one group to the next.
  walk(key, from, event) {
    const siblings = [...from.parentNode.children]
    const { offsetTop } = siblings[0]
    const columns = siblings.filter(el => el.offsetTop === offsetTop).length
    let to = siblings[neighbourIn(key, siblings.indexOf(from), siblings.length, columns)]
    if (!to && (key === 'ArrowDown' || key === 'ArrowRight')) to = from.closest('[role=group]').nextElementSibling?.querySelector('button')
    if (!to && (key === 'ArrowUp' || key === 'ArrowLeft')) {
      to = [...from.closest('[role=group]').previousElementSibling?.querySelectorAll('button') ?? []].at(-1) ?? (key === 'ArrowUp' ? this.input : null)
    }
    if (!to) return
    event.preventDefault()
    this.move(to)
  }

  move(to) {
    if (!to) return
    for (const el of this.grid.querySelectorAll('[tabindex="0"]')) el.tabIndex = -1
    if (to !== this.input) to.tabIndex = 0
    to.focus()
  }
}

function button(text, label, section) {
  const el = document.createElement('button')
  el.type = 'button'
  el.textContent = text
  el.ariaLabel = el.title = label
  if (section) el.dataset.section = section
  else {
    el.dataset.char = text
    el.tabIndex = -1
  }
  return el
}

function section(id, name, emoji) {
  const el = document.createElement('div')
  el.id = id
  el.role = 'group'
  el.ariaLabel = name
  el.innerHTML = '<b aria-hidden="true"></b><div></div>'
  el.firstChild.textContent = name
  el.lastChild.append(...emoji.map(({ char, label, names: [first] }) => {
    const chosen = button(char, label)
    chosen.title = ':' + first + ':'
    return chosen
  }))
  return el
}
