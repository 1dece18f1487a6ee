import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldedAtFirst, piecesOf, textLines, visibleLines } from './yaml-text.ts';

const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'a',
    labels: { x: '1', y: '2' },
    managedFields: [{ manager: 'm', operation: 'Apply' }, { manager: 'n' }],
  },
  data: { text: 'one\ntwo\n', z: 'last' },
  list: [{ a: 1, b: { c: 2 } }, 'two'],
};

const shown = (folded: ReadonlySet<number>): string[] => {
  const lines = textLines(object as never);
  return visibleLines(lines, folded).map((at) => lines[at]!.text);
};

test('all of an object shows when nothing is folded', () => {
  assert.equal(shown(new Set()).length, textLines(object as never).length);
});

test('managedFields are folded at first, as one line', () => {
  const lines = textLines(object as never);
  const texts = shown(foldedAtFirst(lines, { long: 1000 }));
  assert.ok(texts.includes('  managedFields:'));
  assert.ok(!texts.some((text) => text.includes('manager:')));
  assert.ok(texts.includes('  name: a'));
});

test('a folded item hides what is in it, and a folded text all of its lines', () => {
  const lines = textLines(object as never);
  const at = (text: string): number => lines.findIndex((line) => line.text === text);
  const texts = shown(new Set([at('- a: 1'), at('  text: |')]));
  assert.ok(!texts.includes('    c: 2'));
  assert.ok(texts.includes('- two'));
  assert.ok(!texts.includes('    one'));
  assert.ok(texts.includes('  z: last'));
});

test('of what is very long, all below the second level is folded', () => {
  const big = {
    ...object,
    data: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v\n'.repeat(30)])),
  };
  const lines = textLines(big as never);
  const folded = foldedAtFirst(lines, { long: 20 });
  assert.ok(visibleLines(lines, folded).length < 90);
  assert.ok(visibleLines(lines, folded).some((at) => lines[at]!.text.startsWith('  k49')));
});

const LINES: readonly (readonly [string, string])[] = [
  ['  name: web', 'mark|   · key|name · mark|: · string| web'],
  ['- replicas: 3', 'mark|-  · key|replicas · mark|: · number| 3'],
  ['  "a: b": true', 'mark|   · key|"a: b" · mark|: · word| true'],
  ['- plain text', 'mark|-  · string|plain text'],
  ['  image: r.example/a:1.2', 'mark|   · key|image · mark|: · string| r.example/a:1.2'],
  ['data: {}', 'key|data · mark|: · mark| {}'],
];

test('a line has its colours', () => {
  for (const [text, expected] of LINES) {
    const pieces = piecesOf({ text, continued: false });
    assert.equal(pieces.map(({ kind, text: piece }) => `${kind}|${piece}`).join(' · '), expected);
    assert.equal(pieces.map((piece) => piece.text).join(''), text);
  }
});

test('a line of a megabyte is cut', () => {
  const [piece] = piecesOf({ text: 'x'.repeat(1_000_000), continued: true });
  assert.ok(piece!.text.length < 3000);
});
