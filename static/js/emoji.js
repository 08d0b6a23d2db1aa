// Emoji: a menu under the letters of :name: in the message box, and the picker. It is a bundle of its
// own, which the page loads when somebody begins a name or presses the picker's button. The data
// (static/vendor/emoji_data.js) comes with it.
import { begun, finished, named, readEmoji, suggest } from './emoji_names.js'
import { Picker } from './picker.js'

const maxSuggested = 6
let loaded = null
let picker = null

// load returns all emoji. After a failure the next call tries again.
const load = () => loaded ??= import('/static/emoji_data.js')
  .then(({ emojiData }) => readEmoji(emojiData))
  .catch(error => {
    loaded = null
    throw error
  })

// insert replaces characters before the caret of a box, so that the browser can undo it.
function insert(box, text, replaced = 0) {
  box.focus()
  box.selectionStart -= replaced
  if (document.execCommand('insertText', false, text)) return
  box.setRangeText(text, box.selectionStart, box.selectionEnd, 'end')
  box.dispatchEvent(new Event('input', { bubbles: true }))
}

// before returns the text before the caret, or "" while text is selected.
const before = box => (box.selectionStart === box.selectionEnd ? box.value.slice(0, box.selectionStart) : '')

// openPicker shows the picker for a box.
export async function openPicker(button, box) {
  const all = await load()
  picker ??= new Picker(all, document.body.dataset.me)
  picker.open(button, char => insert(box, char), () => box.focus())
}

// completeNames follows a box until the signal is aborted, and offers emoji for what is being typed in
// it, now, too.
export async function completeNames(box, signal) {
  const all = await load()
  const list = document.createElement('ul')
  list.className = 'emoji-names'
  list.id = 'emoji-names'
  list.role = 'listbox'
  list.ariaLabel = 'Emoji'
  let offered = []
  let at = 0

  const close = () => {
    offered = []
    list.remove()
    for (const name of ['aria-controls', 'aria-activedescendant', 'aria-autocomplete']) box.removeAttribute(name)
  }
  const select = index => {
    at = (index + offered.length) % offered.length
    ;[...list.children].forEach((el, i) => { el.ariaSelected = String(i === at) })
    box.setAttribute('aria-activedescendant', list.children[at].id)
  }
  const choose = index => {
    const letters = begun(before(box)) ?? ''
    const { char } = offered[index]
    close()
    insert(box, char + ' ', letters ? letters.length + 1 : 0)
  }
  const offer = () => {
    const text = before(box)
    const name = finished(text)
    const whole = name && named(all, name)
    if (whole) {
      close()
      return insert(box, whole.char, name.length + 2)
    }
    const letters = begun(text)
    offered = letters ? suggest(all, letters, maxSuggested) : []
    if (!offered.length) return close()
    list.replaceChildren(...offered.map(({ char, names: [first] }, i) => {
      const el = document.createElement('li')
      el.role = 'option'
      el.id = 'emoji-name-' + i
      el.textContent = char + ' :' + first + ':'
      return el
    }))
    box.closest('.box').append(list)
    box.setAttribute('aria-controls', list.id)
    box.setAttribute('aria-autocomplete', 'list')
    select(0)
  }

  box.addEventListener('input', event => event.isComposing || offer(), { signal })
  box.addEventListener('blur', close, { signal })
  for (const name of ['pointerdown', 'click']) list.addEventListener(name, event => {
    event.preventDefault() // the box keeps the focus
    const index = [...list.children].indexOf(event.target.closest('li'))
    if (name === 'click' && index >= 0) choose(index)
  })
  // Before the composer's own listener, which sends at Enter.
  box.form.addEventListener('keydown', event => {
    if (!offered.length || event.target !== box || event.isComposing || event.keyCode === 229) return
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return
    const act = {
      ArrowDown: () => select(at + 1), ArrowUp: () => select(at - 1), Escape: close, Enter: () => choose(at), Tab: () => choose(at),
    }[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }, { capture: true, signal })
  offer()
}
