import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOfField, parsePath } from './document-lines.ts';
import { readDocuments } from './documents.ts';
import type { Io } from './io.ts';

const TEXT = `# first
kind: A
spec:
  rules:
    - name: one
    - name: two
      list: [1,
        2]
---
---
kind: B
spec: {a: {b: 1}}
---
kind: List
items:
  - kind: C
    spec:
      x: 1
`;

const cases: readonly (readonly [number, string, number])[] = [
  [0, '', 2],
  [0, 'spec.rules[1].name', 6],
  [0, 'spec.rules[1].list[1]', 8],
  [0, 'spec.rules[5].name', 4],
  [0, 'status', 2],
  [1, 'spec.a.b', 12],
  [2, 'spec.x', 18],
  [2, '', 16],
];

for (const [document, path, line] of cases) {
  test(`${path || 'the whole'} of document ${document} is in line ${line}`, async () => {
    const io = { stdin: async () => TEXT, env: {}, cwd: '.' } as unknown as Io;
    const documents = await readDocuments('-', io);
    assert.equal(lineOfField(documents[document]!, parsePath(path)), `stdin:${line}`);
  });
}

test('a path has names, indices and quoted keys', () => {
  assert.deepEqual(parsePath('metadata.annotations[a.b/c].x[2]'), ['metadata', 'annotations', 'a.b/c', 'x', 2]);
});
