import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeAtomically } from './atomic-folder.ts';
import { rewritePaths } from './mounts.ts';
import { filesOfKeys } from './volume-files.ts';

const files = (entries: Readonly<Record<string, string>>, mode = 0o644) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

test('a folder changes all at once, by a link, and not where nothing does', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-volume-'));
  t.after(() => rmSync(dir, { recursive: true }));
  assert.equal(writeAtomically(dir, files({ a: '1', 'sub/b': '2' }, 0o600), 's1'), true);
  assert.equal(readFileSync(join(dir, 'sub/b'), 'utf8'), '2');
  assert.equal(statSync(join(dir, 'a')).mode & 0o777, 0o600);
  assert.equal(readlinkSync(join(dir, 'a')), '..data/a');
  assert.equal(writeAtomically(dir, files({ a: '1', 'sub/b': '2' }), 's2'), false);
  assert.equal(writeAtomically(dir, files({ a: '3', c: '4' }), 's3'), true);
  assert.deepEqual(readdirSync(dir).sort(), ['..data', '..s3', 'a', 'c']);
  assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '3');
});

test('items choose keys, name files and have modes; a key that there is not is refused unless it is optional', () => {
  const values = new Map([['k', Buffer.from('v')]]);
  const options = { what: 'configmap', defaultMode: 0o644 };
  assert.deepEqual([...filesOfKeys(values, options).keys()], ['k']);
  const one = filesOfKeys(values, { ...options, items: [{ key: 'k', path: 'to/k', mode: 0o400 }] });
  assert.equal(one.get('to/k')?.mode, 0o400);
  const items = [{ key: 'none', path: 'x' }];
  assert.throws(
    () => filesOfKeys(values, { ...options, items }),
    /configmap references non-existent configmap key: none/,
  );
  assert.equal(filesOfKeys(values, { ...options, items, optional: true }).size, 0);
});

const mounts = [
  { source: '/here/etc', target: '/etc/app', readOnly: false },
  { source: '/here/inner', target: '/etc/app/inner', readOnly: false },
];
const texts: readonly (readonly [text: string, rewritten: string])[] = [
  ['/etc/app', '/here/etc'],
  ['--config=/etc/app/a.yaml', '--config=/here/etc/a.yaml'],
  ['/etc/app/inner/b', '/here/inner/b'],
  ['/etc/app:/etc/app/inner', '/here/etc:/here/inner'],
  ['cat /etc/app/a "/etc/app/b"', 'cat /here/etc/a "/here/etc/b"'],
  ['/etc/application', '/etc/application'],
  ['/srv/etc/app', '/srv/etc/app'],
];
for (const [text, rewritten] of texts)
  test(`paths of mounts are found in ${text}`, () => {
    assert.equal(rewritePaths(text, mounts), rewritten);
  });
