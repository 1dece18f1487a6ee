import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { whyNotStarted } from './executable.ts';

const dir = mkdtempSync(join(tmpdir(), 'nekube-executable-'));
after(() => rmSync(dir, { recursive: true }));
mkdirSync(join(dir, 'bin'));
writeFileSync(join(dir, 'bin', 'manager'), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(dir, 'bin', 'notes'), 'to do\n', { mode: 0o644 });

const CASES: readonly (readonly [name: string, command: string, why: RegExp | undefined])[] = [
  ['a program of a relative path', './bin/manager', undefined],
  ['one that PATH has', 'manager', undefined],
  ['one that is not there', './bin/nosuch', /bin\/nosuch is not there$/],
  ['a folder', './bin', /bin is no file$/],
  ['one that PATH does not have', 'nosuch', /^no folder of PATH has a program of that name$/],
];

for (const [name, command, why] of CASES) {
  test(`whether a command can be started: ${name}`, () => {
    const told = whyNotStarted(command, dir, 'bin');
    if (why === undefined) assert.equal(told, undefined);
    else assert.match(told ?? '', why);
  });
}

test('a file without the right to be executed cannot be started', () => {
  assert.match(whyNotStarted('./bin/notes', dir) ?? '', /bin\/notes may not be executed$/);
});
