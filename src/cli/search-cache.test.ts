import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Kep, SiteContent } from 'nekube/kep';
import type { Io } from './io.ts';
import { searchIndex } from './kep/search-cache.ts';

const KEP: Kep = {
  ...{ name: '1-nap', path: 'keps/sig-x/1-nap', title: 'Naps', owningSig: 'sig-x', written: {}, milestones: {} },
  ...{ authors: [], reviewers: [], approvers: [], readinessApprovers: [], participatingSigs: [], featureGates: [] },
  ...{ metrics: [], seeAlso: [], replaces: [], supersededBy: [] },
};

test('a terminal is told that an index is made, and how far it is, and nothing else is', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'nekube-search-'));
  try {
    const told = async (version: string, terminal: Partial<Io>): Promise<string> => {
      let stderr = '';
      const write = (text: string): void => void (stderr += text);
      const io = { env: { XDG_CACHE_HOME: cache }, stderr: write, elapsedMs: () => 0, ...terminal } as unknown as Io;
      const texts = { allTexts: async () => () => 'sleep', textsVersion: async () => version };
      await searchIndex({ keps: [KEP], ...texts } as unknown as SiteContent, io);
      return stderr;
    };
    const terminal = { errorColumns: 80 };
    const lines = (await told('1', terminal)).split('\r\u001b[K');
    assert.deepEqual(lines, [
      '',
      '0.0 s: the texts are read',
      '0.0 s: an index of the texts is made, which the next search finds',
      '',
    ]);
    assert.equal(await told('1', terminal), '');
    assert.equal(await told('2', {}), '');
  } finally {
    rmSync(cache, { recursive: true });
  }
});

test('an index is made once of the same texts, anew of others, and where what was kept is broken', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'nekube-search-'));
  try {
    const io = { env: { XDG_CACHE_HOME: cache } } as unknown as Io;
    let made = 0;
    const found = async (text: string, version: string, title = 'Naps'): Promise<number> => {
      const allTexts = (): Promise<() => string> => {
        made++;
        return Promise.resolve(() => text);
      };
      const textsVersion = (): Promise<string> => Promise.resolve(version);
      const content = { keps: [{ ...KEP, title }], allTexts, textsVersion } as unknown as SiteContent;
      return (await searchIndex(content, io)).find('sleep').length;
    };
    assert.deepEqual([await found('sleep', '1'), made], [1, 1]);
    assert.deepEqual([await found('sleep', '1'), made], [1, 1]);
    assert.deepEqual([await found('awake', '2'), made], [0, 2]);
    assert.deepEqual([await found('awake', '2', 'Sleep'), made], [1, 3]);
    const folder = join(cache, 'nekube/kep');
    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), '{"ids":');
    assert.deepEqual([await found('sleep', '1'), made], [1, 4]);
    for (let version = 3; version < 12; version++) await found('sleep', String(version));
    assert.equal(readdirSync(folder).length, 4);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
