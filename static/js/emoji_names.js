// Emoji names: the data of static/vendor/emoji.js, and how words in a message become emoji.
import { best } from './rank.js'

// readEmoji returns the emoji of the data, in its order: a line is a group's name after "#", or an
// emoji, its names for :name: and its description, divided by "|".
export function readEmoji(data) {
  let group = ''
  const all = []
  for (const line of data.split('\n')) {
    const [char, names, label] = line.split('|')
    if (line.startsWith('# ')) group = line.slice(2)
    else if (label) all.push({ char, names: names.split(' '), label, group })
  }
  return all
}

// begun returns the letters of a name that is being typed at the end of a text, after a colon that
// no word, number or address precedes, or null. A name begins with two letters, so that smileys and
// times don't count.
export const begun = text => /(?:^|[\s([{"'*_~\u{200d}\p{Emoji_Presentation}]):([a-z+][a-z\d_+-]+|-1|\+1)$/iu.exec(text)?.[1] ?? null

// finished returns the name between two colons at the end of a text, or null.
export const finished = text => (text.endsWith(':') ? begun(text.slice(0, -1)) : null)

// named returns the emoji of a name.
export const named = (all, name) => all.find(({ names }) => names.includes(name.toLowerCase()))

// suggest returns emoji for some letters, the best first.
export const suggest = (all, letters, max) => best(all, letters, max, ({ names, label }) => [...names, label])

// withRecent puts an emoji before those that were chosen before it.
export const withRecent = (recent, char, max = 24) => [char, ...recent.filter(other => other !== char)].slice(0, max)
