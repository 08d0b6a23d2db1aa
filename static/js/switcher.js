// Switcher: a dialog that leads to a conversation, a person or an action by some letters of its name,
// and the dialog that lists the keys. The server has their markup (views/components/switcher.templ).
// Without it the filter of the list and the page of people do the same.
import { parse } from './html.js'
import { best } from './rank.js'

const maxShown = 8 // of conversations, and of people
const { body } = document

// choices merges what was found. The conversation with a friend stands for that friend, and each
// person stands once. Without a query only conversations and actions are offered.
export function choices(query, { conversations, friends, people, actions }) {
  const known = new Set(conversations.flatMap(({ id, members }) => [id, ...members]))
  const others = new Map()
  for (const person of query ? [...best(friends, query, maxShown), ...people] : []) {
    const { id, conversation_id: talk } = person
    if (!known.has(id) && !known.has(talk) && !others.has(id)) others.set(id, person)
  }
  const named = [...others.values()].slice(0, maxShown).map(({ id, name, state, conversation_id: talk }) => ({
    name, hint: state && state !== 'friends' ? 'Person' : 'Friend', icon: 'find',
    href: talk ? '/conversations/' + talk : '/people/' + id, write: state && state !== 'friends' || talk ? '' : id,
  }))
  const talks = conversations.slice(0, maxShown).map(({ id, name }) => ({ name, hint: '', icon: 'talk', href: '/conversations/' + id }))
  return [...talks, ...named, ...best(actions, query, maxShown)]
}

// step returns the index that a key leads to from another in a list of n, around its ends, or null.
export function step(key, at, n) {
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 5, n - 1), PageUp: Math.max(at - 5, 0) }[key]
  return to === undefined || !n ? null : (to + n) % n
}

let dialogs = null

// loadDialogs fetches both dialogs once.
async function loadDialogs() {
  const answer = await fetch('/conversations', { headers: { 'HX-Request': 'true', 'HX-Target': 'switcher' } })
  if (!answer.ok) throw answer
  body.append(parse(await answer.text()))
  const [switcher, help] = ['switcher', 'keys'].map(id => document.getElementById(id))
  startSwitcher(switcher)
  return { switcher, help }
}

async function show(dialogOf) {
  const dialog = dialogOf(await (dialogs ??= loadDialogs().catch(error => {
    dialogs = null
    throw error
  })))
  if (document.querySelector('dialog[open]')) return
  dialog.dispatchEvent(new Event('opening'))
  dialog.showModal()
  dialog.scrollTop = 0 // not at its button
}

// openSwitcher and openHelp show a dialog, unless another one is open. They throw when it can't be had.
export const openSwitcher = () => show(({ switcher }) => switcher)
export const openHelp = () => show(({ help }) => help)

// get fetches the JSON of a list.
async function get(path, query) {
  const answer = await fetch(path + '?' + new URLSearchParams(query), {
    headers: { Accept: 'application/json', 'Parley-Person': body.dataset.me },
    signal: AbortSignal.timeout(15e3),
  })
  if (!answer.ok) throw answer
  return answer.json()
}

const talkOf = ({ id, title, members }) => ({ id, name: title, members: members.length === 2 ? members.map(member => member.id) : [] })

function startSwitcher(dialog) {
  const input = dialog.querySelector('input')
  const list = dialog.querySelector('[role=listbox]')
  const status = dialog.querySelector('[role=status]')
  const [signout, write] = dialog.querySelectorAll('form[hidden]')
  const actionOptions = [...list.children]
  const actions = actionOptions.map(option => ({ name: option.querySelector('b').textContent, option }))
  const found = { conversations: [], friends: [], people: [], actions }
  let at = 0
  let turn = 0
  let shownFor = null // the query of what is shown

  const option = ({ name, hint, icon, href, write: person }) => {
    const el = actionOptions[0].cloneNode(true)
    el.href = href
    el.querySelector('use').setAttribute('href', '#i-' + icon)
    el.querySelector('b').textContent = name
    el.querySelector('.fine').textContent = hint
    if (person) el.dataset.write = person
    return el
  }
  const select = index => {
    at = index
    ;[...list.children].forEach((el, i) => { el.ariaSelected = String(i === at) })
    const chosen = list.children[at]
    chosen?.scrollIntoView({ block: 'nearest' })
    if (chosen) input.setAttribute('aria-activedescendant', chosen.id)
    else input.removeAttribute('aria-activedescendant')
  }
  const draw = (query, problem = '') => {
    const all = choices(query, found).map(choice => choice.option ?? option(choice))
    all.forEach((el, i) => { el.id = 'going-' + i })
    list.replaceChildren(...all)
    input.ariaExpanded = String(all.length > 0)
    list.hidden = !all.length
    status.textContent = problem || (all.length ? '' : `Nothing is called “${query}”.`)
    select(query === shownFor ? Math.min(at, all.length - 1) : 0)
    shownFor = query
  }

  // search shows at once what is known here, and then what the server finds.
  const search = async () => {
    const query = input.value.trim()
    const mine = ++turn
    const shown = [...document.querySelectorAll('.conversations .conversation')].map(row => ({
      id: row.closest('li').id.slice(5), name: row.querySelector('.name').textContent.trim(), members: [],
    }))
    const current = document.getElementById('pane').dataset.current
    found.conversations = query ? best([...shown, ...found.conversations], query, maxShown) : shown.filter(({ id }) => id !== current)
    found.conversations = [...new Map(found.conversations.map(talk => [talk.id, talk])).values()]
    found.people = best(found.people, query, maxShown)
    draw(query)
    if (!query) return
    list.ariaBusy = 'true'
    await new Promise(done => setTimeout(done, 150)) // for further letters
    if (mine !== turn) return
    const asked = [get('/conversations', { q: query, limit: maxShown }), query.length > 1 ? get('/people', { q: query }) : { people: [] }]
    const [talks, people] = await Promise.allSettled(asked)
    if (mine !== turn) return
    list.ariaBusy = null
    if (talks.value) found.conversations = best(talks.value.conversations.map(talkOf), query, maxShown)
    if (people.value) found.people = people.value.people
    const failed = talks.reason ?? people.reason
    draw(query, failed && (failed.status === 429 ? 'That was a lot at once. Try again in a moment.' : 'Only what is known here was searched: Parley can’t be reached just now.'))
  }

  dialog.addEventListener('opening', () => {
    input.value = ''
    Object.assign(found, { conversations: [], people: [] })
    search()
    get('/friends').then(({ friends }) => { found.friends = friends }).catch(() => {})
  })

  input.addEventListener('input', search)
  dialog.addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey) return
    const to = step(event.key, at, list.childElementCount)
    if (event.key === 'Enter') list.children[at]?.click()
    else if (to !== null) select(to)
    else return
    event.preventDefault()
  })
  list.addEventListener('pointermove', ({ target }) => {
    const index = [...list.children].indexOf(target.closest('[role=option]'))
    if (index >= 0 && index !== at) select(index)
  })
  list.addEventListener('click', event => {
    const chosen = event.target.closest('[role=option]')
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return
    dialog.close()
    document.activeElement?.blur() // the focus follows to the new pane
    const { action, write: person } = chosen.dataset
    if (!action && !person) return // a link
    event.preventDefault()
    if (action === 'keys') return openHelp()
    if (person) write.elements.person.value = person
    ;(person ? write : signout).requestSubmit()
  })
}
