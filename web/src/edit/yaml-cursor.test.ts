import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeAt } from './yaml-cursor.ts';

/** The cursor is at the bar. */
const CASES: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['a name at the top', 'apiVersion: v1\nki|', '/ ki of apiVersion'],
  ['a name in a map', 'metadata:\n  name: a\n  la|', '/metadata la of name'],
  ['a value', 'spec:\n  type: Clu|', '/spec type= Clu'],
  ['a value that is not begun', 'spec:\n  type: |', '/spec type= '],
  ['a name in an item', 'spec:\n  containers:\n  - name: a\n    im|', '/spec/containers/0 im of name'],
  ['the first name of an item', 'spec:\n  containers:\n  - name: a\n  - im|', '/spec/containers/1 im of '],
  [
    'an item that stands further in',
    'spec:\n  containers:\n    - name: a\n    - name: b\n      im|',
    '/spec/containers/1 im of name',
  ],
  ['a list in a list', 'a:\n- ports:\n  - x: 1\n- ports:\n  - x: 1\n    y: 2\n  - z|', '/a/1/ports/1 z of '],
  ['back out', 'spec:\n  template:\n    spec:\n      a: 1\n  re|', '/spec re of template'],
  ['below an empty line', 'spec:\n\n  # a remark\n  re|', '/spec re of '],
  ['names below count too', 'spec:\n  re|\n  type: a\nstatus: {}', '/spec re of type'],
  ['a quoted name', '"a b":\n  c|', '/a b c of '],
  ['a text is no field', 'data:\n  x: |\n    some: te|', 'none'],
  ['a text with empty lines', 'data:\n  x: |-\n    a\n\n    te|', 'none'],
  ['behind a text', 'data:\n  x: |\n    text\n  y|', '/data y of x'],
  ['a remark', '# re|', 'none'],
  ['a value with a colon in it is no name', 'spec:\n  image: a:1|', '/spec image= a:1'],
];

for (const [name, marked, expected] of CASES)
  test(name, () => {
    const at = marked.lastIndexOf('|');
    // of a text that has bars of its own, the last one is the cursor
    const text = marked.slice(0, at) + marked.slice(at + 1);
    const lines = text.split('\n');
    const before = text.slice(0, at).split('\n');
    const place = placeAt(lines, before.length - 1, before.at(-1)!.length);
    const shown =
      place &&
      `/${place.path.join('/')} ${place.field === undefined ? `${place.word} of ${place.siblings.join()}` : `${place.field}= ${place.word}`}`;
    assert.equal(shown ?? 'none', expected);
  });
