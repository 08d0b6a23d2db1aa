/* Contract with the page
   =====================
   What the scripts need from the HTML. Everything works without them; views and web keep to this block, and this block to
   DESIGN.md ("How a message travels", point 8; "The interface").

   EVERY SIGNED-IN PAGE
   <head>, in this order, all from static.Files.URL:
     <link rel="stylesheet" href=talk.css>
     <meta name="htmx-config" content='{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,
       "historyCacheSize":0,"refreshOnHistoryMiss":true,"historyRestoreAsHxRequest":false,"selfRequestsOnly":true}'>
     <script defer src=htmx.js></script> <script defer src=sse.js></script> <script type="module" src=client.js></script>
   <body class="shell" data-session="<session id>">     (with the stream's address, the name of the lock and the channel of the tabs)
     data-zone, present while the account has no time zone: the script tells it once (POST /account/zone).
   <div hidden hx-ext="sse" sse-connect="/events?ui=<UI version>" sse-swap="mode,request,friend" hx-swap="none"></div>
     One per page, a static child of body. The events named there are out-of-band fragments (ids of their own) for htmx; an event added
     there is added to names in live.js.
   <span class="connection" role="status" data-live="paused"><noscript>Not live: <a href="">refresh</a></noscript></span>
     The script writes Live (and takes data-live away), or Reconnecting (trying), Live updates paused (paused), Offline (offline).
   Cookie parley-script (an hour, renewed by each page): the browser runs this script, so that loading a page is not yet reading it.
   Pages are full loads: no hx-boost, and nothing swaps the elements named here.
   <time datetime="2026-11-23T14:42:00.000Z">14:42</time>: every time; the script says it in the reader's zone. In a .conversation row:
   <div class="toasts" role="status"></div>: toasts come out of band; the script takes them away after a while.
   An event "friends" on body when requests or friends may have changed: for hx-trigger="friends from:body delay:300ms".
     14:42, Yesterday, Sat, 12 Nov, 3 Mar 2025. In a .message > a: 14:42. Others are left alone.
   <body … data-me="<viewer's id>">; <link rel="icon" href=… data-other=…>: favicon.svg and favicon-news.svg; the one shown fits the title.
   <span id="counts" hidden data-unread="5" data-requests="1" data-here="2">: what is new: messages, requests that wait, and those of the
     messages that are in the open conversation. The title begins with "(4) ", unread - here + requests, when that isn't 0.
   <nav id="conversations" hx-get="/conversations" hx-trigger="news from:body …" …>: an event "news" on body, at most each second, when the list
     has changed and the page is visible. The answer brings #counts along, out of band. #filter: the list's filter.
   <button id="notify" hidden>, on the account page: the script shows it where the browser has notifications, and says what it would do.
   <details class="menu"><summary>: Escape and clicks elsewhere close it.

   THE CONVERSATION PAGE
   <div class="log" role="log" …><div class="column"> … <ol …></ol> … </div></div>, and in it
   <ol class="pair" id="messages" data-conversation="<id>" data-me="<viewer's id>" data-last-seq="4812" data-newest data-complete
       data-pending data-read="4810" data-delivered="4812" data-seen="4800" data-total="4812">
     data-last-seq   the seq of the last stored row; 0 when nobody has said anything
     data-newest     present when the page reaches the newest message, pending ones included. Without it (?before=, ?at=) the page is
                     not live yet and its form posts plainly, which leads to the newest page; it grows at its end until it is.
     data-total      the conversation's last seq when the page was made
     data-complete   present unless stored messages that belong on the page can't be read just now ("complete": false)
     data-pending    present with data-newest unless pending messages are unknown just now ("pending": null)
     data-read, data-delivered   how far the others have come (direct: the other person's marks; absent when they don't tell)
     data-seen       the viewer's own read mark
   Its rows, ascending by seq, then pending by log order:
   <li class="message [mine] [emoji]" id="message-<id>" data-seq="4812" data-log-offset="9" data-sender="<id>" data-client="<id>" data-conversation="<id>">
     <b class="by">Ida</b><p dir="auto">…</p><a href="/conversations/<id>?at=4812"><time datetime="…Z">14:42</time></a>
     and in one's own (mine): <span class="receipt" data-state="stored"><svg class="ring" aria-hidden="true"><use href="#i-ring"/></svg>Stored</span>
   </li>
     data-seq          absent until stored; so is the link's href
     p                 the text to the character, with links (a) in it and no other element
     at                the class of the row that a permalink means (?at=); it has tabindex="-1" and autofocus
     data-log-offset   needed only while data-seq is absent; absent if it never was in the log
     data-client       needed on one's own rows in events, in ?after= fragments and in the answer to a send; leave it out of full pages (weight)
     data-conversation needed in events only
     receipt           its last child text is the word. A row for its author that isn't stored has data-state="sent". What depends on
                       marks (delivered, read) the script sets, from data-read and data-delivered; without scripts the server's words stand.
     more, pause, live and the <li class="day"><h2><time datetime="2026-11-23">Today</time></h2></li> are set by the server for the full page
                       (UTC) and set again by the script (here, rows() and arrange()); events and fragments needn't have them.
   <li class="new" id="new">New messages</li> before the first unread message: stays before the message that it stood before. When that is on an
     earlier page, the script puts it there.
   Around #messages, in .log:
   <div class="earlier">: the link to the page before (a, fetched when nearly in sight) and <span>Messages 4,763–4,812 of 4,812, none missing</span>,
     which the script says again; or where it began, or that older messages are out of reach.
   <p class="later"><a …>Latest messages</a></p>: without data-newest.
   <p class="jump" id="latest"><a href="/conversations/<id>#latest"><svg …/>Latest messages</a></p>: the script sets data-away on .log while the
     newest message is out of sight; the link's last child is its text, with a count.
   <a id="check" href="/conversations/<id>/details?check=1" aria-live="polite"><svg …/>Check that none is missing</a>: its last child is its text,
     which the script replaces by what was found.
   [data-person="<id>"]: an .avatar, whose data-presence (online, offline) the script sets, or an element in which it says Active now, Active today.
   <p class="typing" id="typing" hidden>Ida is writing</p> at the end of .column, unless the viewer doesn't show when they write.
   <ol class="pair" id="returned">, behind #messages: one's own messages that couldn't be stored, in pages and fragments that reach the newest message:
     <li class="message mine" id="message-<id>">…<span class="receipt" data-state="returned">…</span>
       <form class="actions" method="post" action="/returned/<id>/dismiss" hx-post="(the same)" hx-swap="none">
         <button … form="composer" name="again" value="<id>">Send again</button><button …>Remove</button></form></li>
   <template id="row">: one's own row as sent by nobody yet, which the script fills and shows until the answer replaces it:
     <li class="message mine" data-sender="<viewer's id>"><b class="by">You</b><p dir="auto"></p><a><time></time></a>
       <span class="receipt" data-state="sending"><svg class="ring" …><use href="#i-ring"/></svg><svg class="icon" …><use href="#i-alert"/></svg>Sending</span> (symbol i-alert)
       <div class="actions" hidden><button type="button" class="button" data-do="again">Try again</button>
         <button type="button" class="button quiet" data-do="remove">Remove</button></div></li>

   <form class="composer" id="composer" method="post" action="/conversations/<id>/messages">
     <div class="box"><label class="vh" for="message">Message</label>
       <textarea id="message" name="body" rows="1" placeholder="Write to Ida" enterkeyhint="send" required></textarea>
       <input type="hidden" name="client_id" value="<UUIDv7>" autocomplete="off">
       <input type="hidden" name="draft" value="" autocomplete="off">   (the client id under which the server keeps a draft of it, or "")
       <input type="hidden" name="returned" value="" autocomplete="off">   (ids of returned messages whose words it has, which sending dismisses)
       <button class="button primary" type="submit">…Send</button></div>
     <p class="foot" hidden><span class="error" role="alert"></span><span class="counter" role="status"></span></p></form>
     No hx- attributes: the script sends it. After a refused post without scripts the server fills .error and takes hidden away.

   REQUESTS OF THE SCRIPT, all same-origin, with HX-Request: true and Accept: text/html, application/problem+json
   (so a success is a fragment and every error application/problem+json, whatever its status):
   POST /conversations/<id>/messages   body, client_id, draft, returned (urlencoded) → 201 with the row, as in an event to its author.
     Errors: problem+json; type not-sent or unconfirmed (503), or any other with its detail shown (422, 403, 404, 413, 429, 401).
     An answer that isn't problem+json counts as unconfirmed.
   GET /conversations/<id>?after=<seq>&limit=100 → 200 with <ol id="messages" data-last-seq … data-newest data-complete data-pending …> and rows
     (the same element as the page's). data-last-seq: of its last stored row, or after itself when it has none. Without data-newest the
     script asks on from there; with it the pending rows are in it. Without data-complete it asks again later. "after" is left out when the page itself
     was not complete: then the newest page is meant.
   GET /conversations/<id>?before=<seq> → 200 with <div class="earlier"> and the same <ol>, of the page before. The newest page has them both too.
   POST /returned/<id>/dismiss → 204.
   GET /conversations/<id>/details?check=1 → 200 with <b data-last="4812">1–4,812, none missing</b>.
   POST /conversations/<id>/read, /delivered   seq (urlencoded) → 204; /draft   body, client_id → 204; /typing → 204.

   A friend event names the conversation's id in its fragment; an idle page of that conversation loads itself anew.
   EVENTS of /events (HTML), the first frame with a jittered "retry: <ms>" (browsers' own is the same for all): ready {} · message: one row, for its author or for the others · returned, stored, read, delivered, presence, typing, resync: the JSON of DESIGN.md
   · signout: {"location":"/signin"} or {} · reload: {} · the others out-of-band fragments. */
import { Order } from './order.js'
import { arrange, grouped, inPlace, newLine, parse, rows } from './rows.js'
import { once, retrying, seldom } from './timing.js'
import { compose, enter } from './composer.js'
import { request } from './request.js'
import { write } from './writing.js'
import { returned, returning } from './returned.js'

// converse makes the conversation on the page live. source may be null (no stream). It returns idle(): nothing here would be lost by a reload.
export function converse(list, source) {
  const talk = new Talk(list, source)
  if (source) talk.listen(source)
  setTimeout(talk.render) // a task of its own: the page may paint before it
  setInterval(() => {
    if (talk.newest && (talk.order.overdue(Date.now()) || (source?.state && !document.hidden))) talk.fetch()
  }, 5e3)
  return () => (talk.composer ? talk.composer.idle() : !talk.box?.value)
}

// Talk is a conversation's page. One that doesn't reach the newest message yet grows until it does: from then on it is live.
class Talk {
  constructor(list, source) {
    const { conversation, complete, lastSeq, me, seen, total, newest } = list.dataset
    Object.assign(this, { list, source, me, id: conversation, url: '/conversations/' + conversation, seen: +seen, total: +total })
    this.log = list.closest('.log')
    this.jump = this.log.querySelector('.jump a')
    this.box = document.getElementById('composer')?.elements.body
    this.marks = { read: 0, delivered: 0 }
    this.told = { read: this.seen, delivered: this.seen }
    this.below = 0 // how many came below what is in sight
    this.mark(list.dataset)
    this.order = new Order(complete === undefined ? null : +lastSeq)
    this.order.page(rows(list), Date.now())
    this.fetch = retrying(once(() => this.catchUp()))
    this.delivered = this.report('delivered', () => true)
    this.read = this.report('read', () => document.hasFocus() && !this.away() && this.inSight()) // only a visible page has focus
    this.render = seldom(50, () => this.draw(this.away())) // many rows may come at once
    if (newest === undefined) enter(this.box)
    else this.open()
    const at = list.querySelector('.at') // autofocus would wait for a frame, and then things move
    at?.focus({ preventScroll: true })
    at?.scrollIntoView({ block: 'center' })
    this.watch()
    this.hear()
  }

  // open begins the life of a page that reaches the newest message.
  open() {
    this.newest = true
    this.log.querySelector('.later')?.remove()
    if (!this.box || this.box.disabled) return
    this.composer = compose(this.box.form, this)
    returning(this.log, this.box.form)
    write(this.box, this.list, this.source)
  }

  hear() {
    const looks = () => {
      this.log.toggleAttribute('data-away', this.away())
      this.count(0)
      this.read()
    }
    addEventListener('scroll', looks, true) // on small screens the page scrolls, not the log
    addEventListener('focus', this.read)
    document.addEventListener('visibilitychange', this.read)
    this.list.addEventListener('animationend', event => event.target.classList.remove('live'))
    this.log.addEventListener('click', event => {
      const link = event.target.closest('.earlier a, .later a, .jump a')
      if (!link || event.metaKey || event.ctrlKey || (link === this.jump && !this.newest)) return
      event.preventDefault()
      if (link === this.jump) this.log.scrollTop = 0
      else this.more(link.closest('.later'))
    })
    setTimeout(looks) // it asks for the layout, which the page's first paint is about to make
    document.getElementById('check').onclick = event => {
      event.preventDefault()
      this.check(event.currentTarget)
    }
  }

  draw(keep) {
    const change = () => arrange(this.list, this.order.sorted(), this.marks)
    if (keep) inPlace(this.log, change)
    else change()
    const { first, last } = this.order
    const span = this.log.querySelector('.earlier span')
    const [from, to, of] = [first, last, Math.max(last, this.total)].map(grouped)
    const words = `Messages ${from}–${to} of ${of}, none missing`
    if (span && span.textContent !== words) span.textContent = words // what is written again is read aloud again
    this.delivered()
    this.read()
  }

  away() {
    return this.log.scrollTop < -40 // the log is a reversed column: 0 is its end
  }

  // inSight tells whether the end of the newest message is on the screen.
  inSight() {
    const { bottom } = this.list.getBoundingClientRect()
    return bottom > 0 && bottom < innerHeight
  }

  // count says how many came below.
  count(more) {
    this.below = this.newest && !this.away() ? 0 : this.below + more
    this.jump.lastChild.data = 'Latest messages' + (this.below ? ` · ${this.below} new` : '')
  }

  // report posts how far this page has come, as soon as that is true.
  report(what, isTrue) {
    const { told } = this
    const due = () => this.newest && this.order.last > told[what] && isTrue()
    const post = seldom(2e3, async () => {
      if (!due()) return
      const before = told[what]
      told[what] = this.order.last
      const answer = await request(this.url + '/' + what, { seq: told[what] }).catch(() => null)
      if (!answer?.ok) told[what] = before
    })
    return () => due() && post()
  }

  // mark moves the others' marks forward.
  mark(seqs) {
    for (const what in this.marks) this.marks[what] = Math.max(this.marks[what], +seqs[what] || 0)
  }

  // take takes rows that came; it returns those that are new here.
  take(found) {
    return found.filter(row => {
      if (row.client) this.composer?.settle(row.client)
      if (!row.seq && document.querySelector('#returned #' + row.el.id)) return false // the answer to its sending was slower
      return this.order.add(row, Date.now())
    })
  }

  // absorb takes a fragment with what is after S (or, where that isn't known, with the newest page); it answers the fragment's data.
  absorb(part) {
    const list = part.querySelector('#messages')
    const { complete, pending, lastSeq } = list.dataset
    const found = rows(list)
    const fresh = found.filter(row => !this.order.rows.has(row.id) && row.sender !== this.me)
    this.order.fetched({ rows: found, last: +lastSeq, complete: complete !== undefined, pending: pending !== undefined }, Date.now())
    this.take(found)
    this.mark(list.dataset)
    this.head(part)
    returned(part.querySelector('#returned'))
    if (this.newest) this.count(fresh.length)
    return list.dataset
  }

  // head puts what an answer says about earlier messages in place of what was said.
  head(part) {
    const said = part.querySelector('.earlier')
    const old = this.log.querySelector('.earlier')
    if (!said) return
    const focused = old.contains(document.activeElement)
    old.replaceWith(said)
    if (focused) (said.querySelector('a') ?? this.log).focus({ preventScroll: true })
  }

  // catchUp fetches what is after S, page by page, until the newest message. It throws when that can't be had now.
  async catchUp() {
    for (;;) {
      const { last } = this.order
      const answer = await request(this.url + '?limit=100' + (last === null ? '' : '&after=' + last))
      if (!answer.ok) throw answer
      const { complete, newest } = this.absorb(parse(await answer.text()))
      this.render()
      if (complete === undefined) throw answer
      if (newest !== undefined || this.order.last === last) return
    }
  }

  // more fetches the page before the first row, or the one after the last; one at a time. That is no news: nobody is told it aloud. When it
  // can't be had, the link is still there.
  async more(later) {
    const { log, order } = this
    if (this.busy || order.last === null) return
    this.busy = log.ariaBusy = true
    try {
      const answer = await request(this.url + (later ? '?after=' + order.last : '?before=' + order.first))
      if (!answer.ok) throw answer
      const part = parse(await answer.text())
      if (!later) {
        order.page(rows(part), Date.now())
        this.head(part)
      } else if (this.absorb(part).newest !== undefined) {
        this.open()
        this.fetch() // for what happened while this answer was under way
      }
      this.draw(true)
      if (newLine(this.list, order.sorted(), this)) this.draw(true)
      this.watch()
    } catch {}
    this.busy = false
    setTimeout(() => { if (!this.busy) log.ariaBusy = null }, 100) // else the next page is on its way
  }

  // watch fetches more when its link is nearly in sight.
  watch() {
    this.sight?.disconnect()
    this.sight = new IntersectionObserver(all => {
      const { target } = all.find(one => one.isIntersecting) ?? {}
      if (target) this.more(target.matches('.later'))
    }, { scrollMargin: '400px' })
    for (const el of this.log.querySelectorAll('.earlier:has(a), .later')) this.sight.observe(el)
  }

  // check asks the server to count, and compares: what should be on this page and isn't is fetched.
  async check(link) {
    const say = words => { link.lastChild.data = words }
    say('Checking')
    try {
      const answer = await request(link.href)
      const said = parse(answer.ok ? await answer.text() : '').querySelector('[data-last]')
      if (this.newest && (this.order.rewind() || this.order.last < +said.dataset.last)) await this.catchUp()
      this.draw(this.away())
      say(said.textContent)
    } catch {
      say('This can’t be checked just now')
    }
  }

  // unsent shows a row of one's own that nobody has confirmed, gone takes it away, answered takes the answer to its sending.
  unsent(row) {
    this.order.send(row)
    this.render()
    this.log.scrollTop = 0
  }

  gone(client) {
    this.order.drop(client)
    this.render()
  }

  answered(html) {
    this.take(rows(parse(html)))
    this.render()
  }

  // listen follows the stream; a page that isn't the newest takes marks alone.
  listen(source) {
    const on = (name, run) => source.addEventListener(name, ({ data }) => {
      const event = JSON.parse(data || '{}')
      if ((event.conversation_id ?? this.id) !== this.id) return
      run(event)
      this.render()
    })
    const fetch = () => this.newest && this.fetch()
    on('ready', fetch)
    on('resync', event => {
      if (event.conversation_id) this.order.doubt() // something here isn't as it was said
      fetch()
    })
    on('returned', ({ message: { id, client_id } }) => {
      this.order.rows.delete(id)
      this.composer?.settle(client_id)
      fetch()
    })
    on('stored', event => this.newest && this.order.stored(event) && this.fetch())
    for (const what in this.marks) {
      on(what, ({ person, seq }) => {
        if (person === this.me) this.told[what] = Math.max(this.told[what], seq)
        else this.mark({ [what]: seq })
      })
    }
    source.addEventListener('message', ({ data }) => {
      const here = rows(parse(data)).filter(row => row.el.dataset.conversation === this.id)
      const fresh = (this.newest ? this.take(here) : here).filter(row => row.sender !== this.me)
      for (const { el } of fresh) el.classList.add('live')
      this.count(fresh.length)
      this.render()
    })
  }
}
