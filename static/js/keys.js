// Keys: what keys do outside of the elements that have the focus. docs/user.md lists them.

const fields = 'input, textarea, select, [contenteditable]'
const layers = 'dialog[open], .menu[open], :popover-open'

// keyAction returns what a key press does, or "". place says where it happens: mac; layer, whether a
// dialog or a menu is open; field, whether the focus is in a field; box, whether that is the message
// box; words, whether it has words; talk, whether a conversation with a message box is open; typing,
// whether a keyboard is the usual way to write here. A key that writes, that an input method or
// another element takes, or that has modifiers which make it the browser's, does nothing here.
export function keyAction(event, place) {
  const { key, altKey: alt, ctrlKey: ctrl, metaKey: meta, shiftKey: shift } = event
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return ''
  const command = place.mac ? meta && !ctrl : ctrl && !meta
  if (key.toLowerCase() === 'k' && command && !alt && !shift) return place.layer ? '' : 'switcher'
  if (place.layer || ctrl || meta || event.getModifierState?.('AltGraph')) return ''
  if (alt) return shift || (place.field && !place.box) || (place.mac && place.words) ? '' : { ArrowUp: 'previous', ArrowDown: 'next' }[key] ?? ''
  if (key === 'Escape') return place.talk && !shift && (!place.field || place.box) ? 'back' : ''
  if (place.field) return key === 'ArrowUp' && place.box && !place.words && !shift ? 'last' : ''
  if (key === '/') return 'filter'
  if (key === '?') return 'help'
  return place.talk && place.typing && writes(key) ? 'type' : ''
}

// writes tells whether a key writes a character. The space scrolls and presses buttons, and ' is the
// search of some browsers.
const writes = key => [...key].length === 1 && key !== ' ' && key !== "'"

// isMac tells whether this is a device whose command key is ⌘.
export const isMac = ({ userAgentData, platform = '' } = navigator) => /mac|ip(hone|ad|od)/i.test(userAgentData?.platform || platform)

// manageKeys follows the keys. problem(error) is called when a dialog can't be had.
export function manageKeys(problem) {
  const load = name => import('/static/switcher.js').then(dialogs => dialogs[name]()).catch(problem) // with its hash
  const { body } = document
  const box = () => document.querySelector('#pane #message:enabled')
  const touch = matchMedia('(pointer: coarse)')

  const rows = () => [...document.querySelectorAll('.conversations .conversation')]
  const go = by => {
    const all = rows()
    const at = all.findIndex(row => row.pathname === location.pathname) // its pane may still be on the way
    const row = all[at < 0 ? 0 : at + by]
    if (!row) return false
    row.scrollIntoView({ block: 'nearest' })
    row.click()
  }
  const focus = el => el?.checkVisibility() ? el.focus({ focusVisible: true }) : false

  // Each returns false when the key stays the browser's.
  const acts = {
    switcher: () => void load('openSwitcher'),
    help: () => void load('openHelp'),
    filter: () => focus(document.getElementById('filter')),
    previous: () => go(-1),
    next: () => go(1),
    back: () => {
      const link = document.querySelector('#pane .back')
      if (link?.checkVisibility()) link.click()
      else return focus(rows().find(row => row.ariaCurrent) ?? rows()[0])
    },
    last: () => {
      const row = [...document.querySelectorAll('#messages > .mine')].at(-1)
      if (row) row.tabIndex = -1
      return focus(row)
    },
    type: () => focus(box()) ?? false, // the character goes there
  }
  addEventListener('keydown', event => {
    const { target } = event
    const field = target.closest?.(fields)
    const words = field && 'value' in field && field.value !== ''
    const place = {
      mac: isMac(), layer: !!document.querySelector(layers), field: !!field, box: field?.id === 'message', words,
      talk: body.dataset.pane === 'talk' && !!box(), typing: !touch.matches,
    }
    const action = keyAction(event, place)
    if (action && acts[action]() !== false) event.preventDefault()
  })

  // A button in the empty filter, for those who don't know the key.
  const filter = document.getElementById('filter')
  if (!filter || touch.matches) return
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'go'
  button.setAttribute('aria-keyshortcuts', isMac() ? 'Meta+K' : 'Control+K')
  button.innerHTML = '<span class="vh">Go to </span><kbd>' + (isMac() ? '⌘K' : 'Ctrl K') + '</kbd>'
  button.onclick = acts.switcher
  filter.after(button)
}
