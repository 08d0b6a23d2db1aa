import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMac, keyAction } from '../keys.js'

const press = (key, event = {}) => ({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, keyCode: 0, ...event })
const desk = { mac: false, layer: false, field: false, box: false, words: false, talk: true, typing: true }
const box = { ...desk, field: true, box: true }
const field = { ...desk, field: true }

function decides(cases) {
  for (const [key, event, place, want] of cases) {
    assert.equal(keyAction(press(key, event), place), want, [key, JSON.stringify(event), JSON.stringify(place)].join(' '))
  }
}

test('keys act outside of fields', () => {
  decides([
    ['k', { ctrlKey: true }, desk, 'switcher'],
    ['K', { ctrlKey: true }, box, 'switcher'],
    ['k', { metaKey: true }, { ...desk, mac: true }, 'switcher'],
    ['/', {}, desk, 'filter'],
    ['/', { shiftKey: true }, desk, 'filter'], // a German keyboard
    ['?', { shiftKey: true }, desk, 'help'],
    ['ArrowDown', { altKey: true }, desk, 'next'],
    ['ArrowUp', { altKey: true }, box, 'previous'],
    ['ArrowUp', {}, box, 'last'],
    ['Escape', {}, desk, 'back'],
    ['Escape', {}, box, 'back'],
    ['h', {}, desk, 'type'],
    ['H', { shiftKey: true }, desk, 'type'],
    ['é', {}, desk, 'type'],
    ['😀', {}, desk, 'type'],
  ])
})

test('no key is taken from somebody who writes', () => {
  decides([
    ['/', {}, field, ''],
    ['?', { shiftKey: true }, box, ''],
    ['h', {}, field, ''],
    ['ArrowUp', {}, { ...box, words: true }, ''],
    ['ArrowUp', { shiftKey: true }, box, ''],
    ['ArrowUp', {}, field, ''],
    ['ArrowUp', { altKey: true }, field, ''], // opens a select
    ['ArrowUp', { altKey: true }, { ...box, mac: true, words: true }, ''], // a paragraph up
    ['Escape', {}, field, ''],
  ])
})

test('no key is taken from input methods, layers, other elements and the browser', () => {
  for (const key of ['/', '?', 'h', 'Escape', 'ArrowUp', 'k']) {
    const keys = { ctrlKey: key === 'k' }
    decides([
      [key, { ...keys, isComposing: true }, desk, ''],
      [key, { ...keys, keyCode: 229 }, desk, ''],
      [key, { ...keys, defaultPrevented: true }, desk, ''],
      [key, keys, { ...desk, layer: true }, ''],
      [key, { ctrlKey: true, metaKey: true }, desk, ''],
      [key, { ctrlKey: true, altKey: true }, desk, ''], // AltGr on Windows
      [key, { getModifierState: name => name === 'AltGraph' }, desk, ''],
      [key, { ctrlKey: true, shiftKey: true }, desk, ''],
    ])
  }
  decides([
    ['k', { ctrlKey: true }, { ...box, mac: true }, ''], // deletes to the end of the line
    ['k', { metaKey: true }, desk, ''],
    ['f', { ctrlKey: true }, desk, ''],
    [' ', {}, desk, ''],
    ["'", {}, desk, ''],
    ['Tab', {}, desk, ''],
    ['Enter', {}, desk, ''],
    ['Dead', {}, desk, ''],
    ['ArrowDown', {}, desk, ''],
    ['ArrowDown', { altKey: true, shiftKey: true }, desk, ''],
  ])
})

test('typing goes to the message box only where there is one, and a keyboard', () => {
  decides([
    ['h', {}, { ...desk, talk: false }, ''],
    ['h', {}, { ...desk, typing: false }, ''],
    ['Escape', {}, { ...desk, talk: false }, ''],
  ])
})

test('a Mac is known by its platform', () => {
  assert.ok(isMac({ userAgentData: { platform: 'macOS' } }))
  assert.ok(isMac({ platform: 'MacIntel' }))
  assert.ok(!isMac({ userAgentData: { platform: 'Linux' }, platform: 'Linux x86_64' }))
  assert.ok(!isMac({}))
})
