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
     14:42, Yesterday, Sat, 12 Nov, 3 Mar 2025. In a .message: 14:42. Others are left alone.
   <div class="toasts" role="status"></div>: toasts come out of band; the script takes them away after a while.
   An event "friends" on body when requests or friends may have changed: for hx-trigger="friends from:body delay:300ms".
   An event "news" on body when something happened in any conversation: for hx-trigger="news from:body throttle:2s".

   THE CONVERSATION PAGE
   <div class="log" role="log" …><div class="column"> … <ol …></ol> … </div></div>, and in it
   <ol class="pair" id="messages" data-conversation="<id>" data-me="<viewer's id>" data-last-seq="4812" data-newest data-complete
       data-pending data-read="4810" data-delivered="4812" data-seen="4800">
     data-last-seq   the seq of the last stored row; 0 when nobody has said anything
     data-newest     present when the page reaches the newest message, pending ones included. Without it (?before=, ?at=) the page is
                     not live and its form posts plainly, which leads to the newest page.
     data-complete   present unless stored messages that belong on the page can't be read just now ("complete": false)
     data-pending    present with data-newest unless pending messages are unknown just now ("pending": null)
     data-read, data-delivered   how far the others have come (direct: the other person's marks; absent when they don't tell)
     data-seen       the viewer's own read mark
   Its rows, ascending by seq, then pending by log order:
   <li class="message [mine] [emoji]" id="message-<id>" data-seq="4812" data-log-offset="9" data-sender="<id>" data-client="<id>" data-conversation="<id>">
     <b class="by">Ida</b><p dir="auto">…</p><time datetime="…Z">14:42</time>
     and in one's own (mine): <span class="receipt" data-state="stored"><svg class="ring" aria-hidden="true"><use href="#i-ring"/></svg>Stored</span>
   </li>
     data-seq          absent until stored
     data-log-offset   needed only while data-seq is absent; absent if it never was in the log
     data-client       needed on one's own rows in events, in ?after= fragments and in the answer to a send; leave it out of full pages (weight)
     data-conversation needed in events only
     receipt           its last child text is the word. A row for its author that isn't stored has data-state="sent". What depends on
                       marks (delivered, read) the script sets, from data-read and data-delivered; without scripts the server's words stand.
     more, pause, live and the <li class="day"><h2><time datetime="2026-11-23">Today</time></h2></li> are set by the server for the full page
                       (UTC) and set again by the script (here, rows() and arrange()); events and fragments needn't have them.
   <li class="new" id="new">New messages</li> before the first unread message: stays before the message that it stood before.
   <p class="jump" id="latest">…: the script sets data-away on .log while the newest message is out of sight.
   <template id="row">: one's own row as sent by nobody yet, which the script fills and shows until the answer replaces it:
     <li class="message mine" data-sender="<viewer's id>"><b class="by">You</b><p dir="auto"></p><time></time>
       <span class="receipt" data-state="sending"><svg class="ring" …><use href="#i-ring"/></svg><svg class="icon" …><use href="#i-alert"/></svg>Sending</span> (symbol i-alert)
       <div class="actions" hidden><button type="button" class="button" data-do="again">Try again</button>
         <button type="button" class="button quiet" data-do="remove">Remove</button></div></li>

   <form class="composer" id="composer" method="post" action="/conversations/<id>/messages">
     <div class="box"><label class="vh" for="message">Message</label>
       <textarea id="message" name="body" rows="1" placeholder="Write to Ida" enterkeyhint="send" required></textarea>
       <input type="hidden" name="client_id" value="<UUIDv7>" autocomplete="off">
       <button class="button primary" type="submit">…Send</button></div>
     <p class="foot" hidden><span class="error" role="alert"></span><span class="counter" role="status"></span></p></form>
     No hx- attributes: the script sends it. After a refused post without scripts the server fills .error and takes hidden away.

   REQUESTS OF THE SCRIPT, all same-origin, with HX-Request: true and Accept: text/html, application/problem+json
   (so a success is a fragment and every error application/problem+json, whatever its status):
   POST /conversations/<id>/messages   body, client_id (urlencoded) → 201 with the row, as in an event to its author.
     Errors: problem+json; type not-sent or unconfirmed (503), or any other with its detail shown (422, 403, 404, 413, 429, 401).
     An answer that isn't problem+json counts as unconfirmed.
   GET /conversations/<id>?after=<seq>&limit=100 → 200 with <ol id="messages" data-last-seq … data-newest data-complete data-pending …> and rows
     (the same element as the page's). data-last-seq: of its last stored row, or after itself when it has none. Without data-newest the
     script asks on from there; with it the pending rows are in it. Without data-complete it asks again later. "after" is left out when the page itself
     was not complete: then the newest page is meant.
   POST /conversations/<id>/read, /delivered   seq (urlencoded) → 204.

   A friend event names the conversation's id in its fragment; an idle page of that conversation loads itself anew.
   EVENTS of /events (HTML), the first frame with a jittered "retry: <ms>" (browsers' own is the same for all): ready {} · message: one row, for its author or for the others · stored, read, delivered, resync: the JSON of DESIGN.md
   · signout: {"location":"/signin"} or {} · reload: {} · the others out-of-band fragments. */
import { Order } from './order.js'
import { arrange, inPlace, parse, rows } from './rows.js'
import { once, retrying, seldom } from './pace.js'
import { compose, enter } from './composer.js'
import { request } from './request.js'

// converse makes the conversation on the page live. source may be null (no stream). It returns idle(): nothing here would be lost by a reload.
export function converse(list, source) {
  const box = document.getElementById('composer')?.elements.body
  if (!('newest' in list.dataset)) { // an older page: to be read, not to be added to
    const order = new Order(null)
    order.page(rows(list))
    arrange(list, order.sorted(), list.dataset)
    if (box) enter(box)
    return () => !box?.value
  }
  const talk = new Talk(list)
  if (box && !box.disabled) talk.composer = compose(box.form, talk)
  if (source) talk.listen(source)
  talk.render()
  setInterval(() => {
    if (talk.order.overdue(Date.now()) || (source?.state && !document.hidden)) talk.fetch()
  }, 5e3)
  return () => !talk.composer || talk.composer.idle()
}

// Talk is a conversation's page that reaches its newest message.
class Talk {
  constructor(list) {
    const { conversation, complete, lastSeq, me, seen } = list.dataset
    Object.assign(this, { list, me, id: conversation, url: '/conversations/' + conversation })
    this.log = list.closest('.log')
    this.marks = { read: 0, delivered: 0 }
    this.mark(list.dataset)
    this.order = new Order(complete === undefined ? null : +lastSeq)
    this.order.page(rows(list), Date.now())
    this.fetch = retrying(once(() => this.catchUp()))
    this.delivered = this.report('delivered', +seen, () => true)
    this.read = this.report('read', +seen, () => document.hasFocus() && !this.away()) // only a visible page has focus
    this.render = seldom(50, () => { // many rows may come at once
      inPlace(this.log, this.away(), () => arrange(list, this.order.sorted(), this.marks))
      this.delivered()
      this.read()
    })
    list.addEventListener('animationend', event => event.target.classList.remove('live'))
    this.log.addEventListener('scroll', () => {
      this.log.toggleAttribute('data-away', this.away())
      this.read()
    })
    addEventListener('focus', this.read)
    document.addEventListener('visibilitychange', this.read)
  }

  away() {
    return this.log.scrollTop < -40 // the log is a reversed column: 0 is its end
  }

  // report posts how far this page has come, as soon as that is true.
  report(what, told, isTrue) {
    const due = () => this.order.last > told && isTrue()
    const post = seldom(2e3, async () => {
      if (!due()) return
      const before = told
      told = this.order.last
      const answer = await request(this.url + '/' + what, { seq: told }).catch(() => null)
      if (!answer?.ok) told = before
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
      return this.order.add(row, Date.now())
    })
  }

  // catchUp fetches what is after S, page by page, until the newest message. It throws when that can't be had now.
  async catchUp() {
    for (;;) {
      const { last } = this.order
      const answer = await request(this.url + '?limit=100' + (last === null ? '' : '&after=' + last))
      if (!answer.ok) throw answer
      const part = parse(await answer.text()).querySelector('#messages')
      const { complete, newest, pending, lastSeq } = part.dataset
      const found = rows(part)
      this.order.fetched({ rows: found, last: +lastSeq, complete: complete !== undefined, pending: pending !== undefined }, Date.now())
      this.take(found)
      this.mark(part.dataset)
      this.render()
      if (complete === undefined) throw answer
      if (newest !== undefined || this.order.last === last) return
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

  listen(source) {
    const on = (name, run) => source.addEventListener(name, ({ data }) => {
      const event = JSON.parse(data || '{}')
      if ((event.conversation_id ?? this.id) !== this.id) return
      run(event)
      this.render()
    })
    on('ready', this.fetch)
    on('resync', this.fetch)
    on('stored', event => this.order.stored(event) && this.fetch())
    for (const what in this.marks) on(what, ({ person, seq }) => person === this.me || this.mark({ [what]: seq }))
    source.addEventListener('message', ({ data }) => {
      const here = rows(parse(data)).filter(row => row.el.dataset.conversation === this.id)
      for (const { el } of this.take(here)) if (!el.matches('.mine')) el.classList.add('live')
      this.render()
    })
  }
}
