// Frame: what a page's first interaction doesn't need: everything of the frame beside the panes, the
// stream and a person's words, and the rarer parts of a pane. It is a bundle of its own, which main.js
// imports. Until it is there, and when it can't be had, links and forms do the same.
import { watchAutosave } from './autosave.js'
import { offerCheck } from './check.js'
import { keepCopies } from './copies.js'
import { openDialogs } from './dialog.js'
import { offerEmoji } from './emoji_button.js'
import { clearOnEscape } from './filter.js'
import { offerLinks } from './invite.js'
import { manageKeys } from './keys.js'
import { manageList } from './list.js'
import { manageMenus } from './menu.js'
import { notificationButton, notifyMessages } from './notifications.js'
import { trackPresence } from './presence.js'
import { reportTimeZone } from './timezone.js'
import { manageToasts, showProblem } from './toast.js'
import { shareTyping } from './typing.js'
import { trackUnread } from './unread.js'

const frameStyle = '' // the build puts css/frame.css here

// startFrame starts what a document needs once. source is the stream, or null; tabs is the name that
// the session's tabs share.
export function startFrame({ source, tabs, outbox }) {
  const { body } = document
  const list = document.getElementById('conversations')
  const filter = document.getElementById('filter')
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(frameStyle)
  document.adoptedStyleSheets.push(sheet)
  reportTimeZone(body)
  watchAutosave(body)
  openDialogs(body)
  manageKeys(() => showProblem()) // before menus, which take Escape first
  manageMenus()
  manageToasts()
  if (list) {
    clearOnEscape(filter)
    manageList(list, filter, source, body.dataset.me)
  }
  if (source) {
    trackPresence(source)
    trackUnread(source, body.dataset.me)
    notifyMessages(source, tabs)
  }
  keepCopies(source, outbox)
}

// startPaneExtras starts what a pane needs besides main.js. page is its ConversationPage, if it has one.
export function startPaneExtras(pane, page) {
  const notify = pane.querySelector('#notify')
  if (notify) notificationButton(notify)
  if (pane.querySelector('#invite')) offerLinks(pane, navigator)
  if (!page) return
  offerCheck(page)
  if (!page.box || page.box.disabled) return
  shareTyping(page.box, page)
  offerEmoji(page, () => showProblem())
}
