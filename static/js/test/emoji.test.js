import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begun, finished, named, readEmoji, suggest, withRecent } from '../emoji_names.js'
import { neighbourIn } from '../picker.js'

const all = readEmoji(`# Smileys
😂|joy lmao|face with tears of joy
🥹|face_holding_back_tears|face holding back tears
# People
👍|+1 thumbsup|thumbs up
`)

test('the data are emoji by group, with names and a description', () => {
  assert.deepEqual(all.map(({ char, group }) => char + group), ['😂Smileys', '🥹Smileys', '👍People'])
  assert.equal(named(all, 'THUMBSUP').char, '👍')
  assert.equal(named(all, 'thumb'), undefined)
})

test('a name begins after a colon and two letters', () => {
  const cases = {
    ':jo': 'jo', 'so :joy': 'joy', '(:ta': 'ta', '😀:jo': 'jo', '":jo': 'jo', ':+1': '+1', ':-1': '-1', 'a\n:jo': 'jo', ':non-po': 'non-po',
    ':j': null, ':': null, '10:30': null, ':30': null, 'http://x': null, 'a:jo': null, ':)': null, ':-)': null, '::jo': null, ':jo ': null, '': null,
  }
  for (const [text, want] of Object.entries(cases)) assert.equal(begun(text), want, text)
})

test('a name ends at the second colon', () => {
  assert.equal(finished('so :joy:'), 'joy')
  assert.equal(finished(':+1:'), '+1')
  for (const text of [':joy', '10:30:', 'std::vector:', ': :', 'a:joy:']) assert.equal(finished(text), null, text)
})

test('names fit before descriptions, and parts of words last', () => {
  const chars = letters => suggest(all, letters, 9).map(({ char }) => char)
  assert.deepEqual(chars('joy'), ['😂'])
  assert.deepEqual(chars('tears'), ['😂', '🥹'])
  assert.deepEqual(chars('thumbs'), ['👍'])
  assert.deepEqual(chars('+1'), ['👍'])
  assert.deepEqual(chars('zebra'), [])
})

test('what was chosen last stands first, once', () => {
  assert.deepEqual(withRecent(['a', 'b', 'c'], 'b'), ['b', 'a', 'c'])
  assert.deepEqual(withRecent(['a', 'b'], 'c', 2), ['c', 'a'])
})

test('arrows walk a grid', () => {
  assert.equal(neighbourIn('ArrowRight', 0, 10, 4), 1)
  assert.equal(neighbourIn('ArrowDown', 1, 10, 4), 5)
  assert.equal(neighbourIn('ArrowDown', 6, 10, 4), 9) // the last row is shorter
  assert.equal(neighbourIn('ArrowDown', 8, 10, 4), -1)
  assert.equal(neighbourIn('ArrowUp', 2, 10, 4), -1)
  assert.equal(neighbourIn('End', 2, 10, 4), 9)
  assert.equal(neighbourIn('x', 2, 10, 4), -1)
})
