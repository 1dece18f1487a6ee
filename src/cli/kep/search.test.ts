import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Io } from '../io.ts';
import { run } from '../program.ts';

test('a search tells a terminal how far it is, beside what else it tells, and nothing else than a terminal', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-kep-search-'));
  try {
    const folder = join(dir, 'keps/sig-node/1-nap');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'kep.yaml'), 'title: Nap\nkep-number: 1\nowning-sig: sig-node\n');
    writeFileSync(join(folder, 'README.md'), '# Nap\n\nSleep well.\n');
    const told = async (words: string, terminal: Partial<Io> = {}): Promise<readonly string[]> => {
      let stderr = '';
      await run(['kep', 'search', '--from', dir, ...words.split(' ')], {
        ...{ stdout: () => {}, stderr: (text) => (stderr += text), env: { XDG_CACHE_HOME: dir }, cwd: dir },
        ...{ signal: new AbortController().signal, columns: undefined, elapsedMs: () => 0, ...terminal },
      });
      // a line is drawn anew every 200 ms, and as it is counted: how often depends on the machine
      const lines = stderr.split('\r\u001b[K').map((line) => line.replace(/: \d+ of \d+$/, ''));
      return lines.filter((line, i) => line !== lines[i - 1]);
    };
    const terminal = { errorColumns: 80 };
    const read = '0.0 s: KEPs are read';
    const indexed = ['0.0 s: the texts are read', '0.0 s: an index of the texts is made, which the next search finds'];
    assert.deepEqual(await told('sleep', terminal), ['', read, ...indexed, '']);
    assert.deepEqual(await told('sleep', terminal), ['', read, '']);
    const [first, line, note, again, rest] = await told('sleep --sig cli', terminal);
    assert.deepEqual([first, line, note, again], ['', read, 'note: no KEP has sig:cli\n', read]);
    assert.match(rest!, /no KEP has sleep/);
    writeFileSync(join(folder, 'README.md'), '# Nap\n\nSleep better.\n');
    assert.deepEqual(await told('sleep'), ['']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
