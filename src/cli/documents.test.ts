import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocuments } from './documents.ts';
import type { Io } from './io.ts';

const io = (text: string) => ({ stdin: async () => text, env: {}, cwd: '.' }) as unknown as Io;
const read = async (text: string) => (await readDocuments('-', io(text))).map(({ value, place }) => [value, place]);

/** What a file says, and what is read of it. */
const cases: Record<string, readonly [string, readonly (readonly [unknown, string])[]]> = {
  'JSON objects one behind another': [
    '{"a":"}{"}{"b":["\\"{",1]}\n\n {"c":null}\n',
    [
      [{ a: '}{' }, 'stdin, document 1'],
      [{ b: ['"{', 1] }, 'stdin, document 2'],
      [{ c: null }, 'stdin, document 3'],
    ],
  ],
  'JSON objects with lines of dashes between': [
    '{"a":1}{"b":2}\n---\n{"c":3}\n',
    [
      [{ a: 1 }, 'stdin, document 1'],
      [{ b: 2 }, 'stdin, document 2'],
      [{ c: 3 }, 'stdin, document 3'],
    ],
  ],
  'one JSON object': ['{"a":1}', [[{ a: 1 }, 'stdin, document 1']]],
  'YAML that looks like JSON': [
    '{a: 1}\n---\n{"b": 2} # two\n',
    [
      [{ a: 1 }, 'stdin, document 1'],
      [{ b: 2 }, 'stdin, document 2'],
    ],
  ],
  'a byte order mark, CRLF, comments and empty documents': [
    '\ufeff# one\r\na: 1\r\n---\r\n# nothing\r\n---\r\n--- # three\r\nb: |\r\n  x\r\n  y\r\n...\r\n',
    [
      [{ a: 1 }, 'stdin, document 1'],
      [{ b: 'x\ny\n' }, 'stdin, document 4'],
    ],
  ],
};

for (const [name, [text, wanted]] of Object.entries(cases))
  test(`files are read whole: ${name}`, async () => assert.deepEqual(await read(text), wanted));

for (const text of ['a: 1\n...\nb: 2\n', '{a: 1}\n{b: 2}\n', '{"a": 1}\nb: 2\n', '{"a":1}]', '{"a":1} {"b":2} x'])
  test(`what stands behind a document is not left out: ${JSON.stringify(text)}`, async () =>
    assert.rejects(read(text), /Cannot read stdin, document 1: yaml: /));
