import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goesOn, KeySequences, nameOf, PATIENCE_MS } from './key-sequence.ts';

const KEYS = ['/', '?', 'g p', 'g d', 'd', 'mod+k', 'shift+Enter'];

test('strokes are named as keys are written', () => {
  assert.equal(nameOf({ key: 'K', metaKey: true }), 'mod+k');
  assert.equal(nameOf({ key: '?', shiftKey: true }), '?');
  assert.equal(nameOf({ key: 'Enter', shiftKey: true }), 'shift+Enter');
});

test('a sequence is found at its last stroke', () => {
  const sequences = new KeySequences();
  assert.equal(sequences.read({ key: 'g' }, KEYS, 0), 'pending');
  assert.equal(sequences.read({ key: 'p' }, KEYS, 10), 'g p');
  assert.equal(sequences.read({ key: 'p' }, KEYS, 20), undefined);
});

test('a second stroke that comes late, or is no second one, is read by itself', () => {
  const sequences = new KeySequences();
  sequences.read({ key: 'g' }, KEYS, 0);
  assert.equal(sequences.read({ key: 'd' }, KEYS, PATIENCE_MS), 'd');
  sequences.read({ key: 'g' }, KEYS, 5000);
  assert.equal(sequences.read({ key: '/' }, KEYS, 5001), '/');
});

test('of keys that are held down those go on that move', () => {
  const keys = [
    'j',
    'ArrowDown',
    'shift+ArrowUp',
    'PageDown',
    '+',
    'x',
    'v',
    'Enter',
    'Space',
    'mod+Enter',
    'mod+j',
    'g p',
  ];
  assert.deepEqual(keys.filter(goesOn), ['j', 'ArrowDown', 'shift+ArrowUp', 'PageDown', '+']);
});
