// Emoji button: opens the picker, and loads the menu of names when somebody begins one. emoji.js has
// both.
import { begun } from './emoji_names.js'

const smile = '<svg class="icon" aria-hidden="true" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.25"></circle>' +
  '<path d="M8.5 14a4 4 0 0 0 7 0M9.25 9.75h.01m5.49 0h.01"></path></svg>'

// offerEmoji adds the button to the box of a ConversationPage. problem() is called when the emoji
// can't be had.
export function offerEmoji({ box, signal }, problem) {
  const load = () => import('/static/emoji.js') // with its hash
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button quiet square smile'
  button.ariaLabel = button.title = 'Emoji'
  button.ariaHasPopup = 'dialog'
  button.innerHTML = smile
  button.onclick = () => load().then(({ openPicker }) => openPicker(button, box)).catch(problem)
  box.after(button)

  const begin = () => {
    if (!begun(box.value.slice(0, box.selectionStart))) return
    box.removeEventListener('input', begin)
    load().then(({ completeNames }) => completeNames(box, signal)).catch(() => box.addEventListener('input', begin, { signal }))
  }
  box.addEventListener('input', begin, { signal })
}
