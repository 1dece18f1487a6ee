import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCsv, readTokenFile } from './token-file.ts';

const RECORDS: ReadonlyArray<{ name: string; text: string; records?: string[][]; error?: string }> = [
  { name: 'no text has no records', text: '', records: [] },
  { name: 'empty lines do not count', text: '\n\r\na,b\n\n', records: [['a', 'b']] },
  { name: 'spaces count', text: ' a , b', records: [[' a ', ' b']] },
  { name: 'a quoted field may hold commas and quotes', text: '"a,""b"""\r\n', records: [['a,"b"']] },
  { name: 'a quoted field may go over lines', text: 'x,"a\r\nb"\ny', records: [['x', 'a\nb'], ['y']] },
  { name: 'an empty field at the end counts', text: 'a,\n', records: [['a', '']] },
  {
    name: 'a quote within a plain field',
    text: 'ä,b"c',
    error: 'parse error on line 1, column 5: bare " in non-quoted-field',
  },
  {
    name: 'a quoted field that goes on behind its quote',
    text: 'a\n"b"c',
    error: 'parse error on line 2, column 3: extraneous or missing " in quoted-field',
  },
  {
    name: 'a quoted field without an end',
    text: 'a,"b\nc',
    error: 'record on line 1; parse error on line 2, column 2: extraneous or missing " in quoted-field',
  },
];

for (const { name, text, records, error } of RECORDS) {
  test(`CSV: ${name}`, () => {
    if (error === undefined) assert.deepEqual(parseCsv(text), records);
    else assert.throws(() => parseCsv(text), { message: error });
  });
}

test('users, groups and warnings are those of kube-apiserver', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-tokens-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'tokens.csv');
  writeFileSync(path, 'one,jane,u1,"devs,ops"\n,nobody,u2\ntwo,joe,u3\none,jim,u4,\n');
  const warnings: string[] = [];
  assert.deepEqual(
    readTokenFile(path, (message) => warnings.push(message)),
    [
      { token: 'one', user: { name: 'jim', uid: 'u4', groups: [''] } },
      { token: 'two', user: { name: 'joe', uid: 'u3', groups: [] } },
    ],
  );
  assert.deepEqual(warnings, [
    `empty token has been found in token file '${path}', record number '2'`,
    `duplicate token has been found in token file '${path}', record number '4'`,
  ]);
});
