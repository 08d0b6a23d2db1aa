// Check: the item of a conversation's menu that compares the page with the server's count.
import { parse } from './html.js'
import { request } from './request.js'

// offerCheck makes the item of a ConversationPage fetch messages that are missing there.
export function offerCheck(page) {
  const link = page.pane.querySelector('#check')
  const show = text => { link.lastChild.data = text }
  link.onclick = async event => {
    event.preventDefault()
    show('Checking')
    try {
      const answer = await request(link.href)
      const result = parse(answer.ok ? await answer.text() : '').querySelector('[data-last]')
      const { order } = page
      if (page.newest && (order.rewindToGap() || order.last < +result.dataset.last)) await page.catchUp()
      page.draw(page.isAway())
      show(result.textContent)
    } catch {
      show('This can’t be checked just now')
    }
  }
}
