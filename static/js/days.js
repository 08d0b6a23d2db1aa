// Days: the arithmetic of dates in the reader's time zone.
const day = 864e5
export const minute = 6e4
const midnight = date => new Date(date.getFullYear(), date.getMonth(), date.getDate())

// daysAgo counts the midnights between two dates. A day may have 23 or 25 hours.
export const daysAgo = (date, now) => Math.round((midnight(now) - midnight(date)) / day)
