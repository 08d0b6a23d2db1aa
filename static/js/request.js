// request sends a request to Parley as docs/page-contract.md describes; with fields it posts them,
// for a person, by default the page's. It throws when no answer arrives within 15 s. A small post
// continues after the page is closed; browsers allow 64 KiB of such posts together. A page whose
// person is not signed in receives the event "signedout".
export async function request(url, fields, person = globalThis.document?.body.dataset.me) {
  const body = fields && new URLSearchParams(fields).toString()
  const headers = { 'HX-Request': 'true', Accept: 'text/html, application/problem+json' }
  if (person) headers['Parley-Person'] = person
  if (fields) headers['Content-Type'] = 'application/x-www-form-urlencoded'
  try {
    const answer = await fetch(url, {
      method: fields ? 'POST' : 'GET',
      body,
      headers,
      keepalive: body?.length < 8e3,
      signal: AbortSignal.timeout(15e3),
    })
    if (answer.status === 401) globalThis.dispatchEvent?.(new Event('signedout'))
    return answer
  } catch (error) {
    globalThis.dispatchEvent?.(new Event('unanswered')) // the stream may be as dead as this request
    throw error
  }
}
