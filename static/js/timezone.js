// Time zone: sent to the server once, for times that no script writes.
import { request } from './request.js'

// reportTimeZone posts the browser's time zone while the account has none.
export function reportTimeZone(body) {
  if (!('zone' in body.dataset)) return
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  request('/account/zone', { guess: 1, time_zone: timeZone }).catch(() => {})
}
