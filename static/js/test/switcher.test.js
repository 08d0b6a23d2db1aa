import assert from 'node:assert/strict'
import { test } from 'node:test'
import { best, folded, score } from '../rank.js'

globalThis.document = { body: { dataset: { me: 'me' } } }
const { choices, step } = await import('../switcher.js')

test('names are compared without accents and case', () => {
  assert.equal(folded('Élodie ÅBERG'), 'elodie aberg')
  assert.ok(score('Zoë Müller', 'zoe mu') > 0)
})

test('the beginning of a name fits best, then that of a word, then all words, then a part', () => {
  assert.deepEqual(['Ida Brandt', 'Ada Idal', 'Bo Ida', 'David'].map(name => score(name, 'ida')), [4, 3, 3, 0])
  assert.equal(score('Ida Brandt', 'br id'), 2)
  assert.equal(score('Ida Brandt', 'rand'), 1)
  assert.equal(score('Ida Brandt', ''), 4)
  const people = ['Branka', 'Ida Brandt', 'Umbra', 'Ada'].map(name => ({ name }))
  assert.deepEqual(best(people, 'bra', 9).map(({ name }) => name), ['Branka', 'Ida Brandt', 'Umbra'])
  assert.equal(best(people, '', 2).length, 2)
})

const actions = [{ name: 'People' }, { name: 'Sign out' }]
const names = (query, found) => choices(query, { conversations: [], friends: [], people: [], actions, ...found }).map(choice => choice.name)

test('without a query there are conversations and actions, not all people', () => {
  const found = { conversations: [{ id: 'c1', name: 'Ida', members: [] }], friends: [{ id: 'p2', name: 'Omar' }] }
  assert.deepEqual(names('', found), ['Ida', 'People', 'Sign out'])
})

test('each person stands once: as the conversation with them, as a friend, or as found', () => {
  const found = {
    conversations: [{ id: 'c1', name: 'Ida', members: ['me', 'p1'] }],
    friends: [{ id: 'p1', name: 'Ida', conversation_id: 'c1' }, { id: 'p2', name: 'Idris', conversation_id: null }],
    people: [{ id: 'p1', name: 'Ida', state: 'friends' }, { id: 'p2', name: 'Idris', state: 'friends' }, { id: 'p3', name: 'Idun', state: 'none' }],
  }
  const all = choices('id', { actions, ...found })
  assert.deepEqual(all.map(({ name, href, write }) => [name, href, write]), [
    ['Ida', '/conversations/c1', undefined],
    ['Idris', '/people/p2', 'p2'], // a post opens the conversation
    ['Idun', '/people/p3', ''],
  ])
})

test('a friend whose conversation the search didn’t find leads there', () => {
  const [friend] = choices('om', { 
    conversations: [], people: [{ id: 'p2', name: 'Omar', state: 'friends' }], actions, friends: [{ id: 'p2', name: 'Omar', conversation_id: 'c2' }],
  })
  assert.deepEqual([friend.href, friend.write], ['/conversations/c2', ''])
})

test('arrows walk around the ends', () => {
  assert.equal(step('ArrowDown', 2, 3), 0)
  assert.equal(step('ArrowUp', 0, 3), 2)
  assert.equal(step('PageDown', 1, 4), 3)
  assert.equal(step('a', 0, 3), null)
  assert.equal(step('ArrowDown', 0, 0), null)
})
