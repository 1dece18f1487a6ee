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

const silent = { step() {}, detail() {}, count() {}, say() {}, end() {} };

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
      return (await searchIndex(content, io, silent)).find('sleep').length;
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
