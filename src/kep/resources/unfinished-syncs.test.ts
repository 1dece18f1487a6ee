import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { KEP_SYNC_KIND } from './definition.ts';
import { type KepSync, unfinishedOf } from './unfinished-syncs.ts';

interface MarkCase {
  readonly name: string;
  readonly metadata: KepSync['metadata'];
  readonly status?: KepSync['status'];
  readonly unfinished?: object;
}

describe('of syncs', () => {
  const table = new URL('../../../src/kep/testdata/unfinished-syncs.yaml', import.meta.url);
  for (const { name, metadata, status, unfinished } of load(readFileSync(table, 'utf8')) as readonly MarkCase[])
    test(name, () => {
      const spec = { source: 'test', keps: 3 };
      const mark = { ...KEP_SYNC_KIND, metadata, spec, ...(status && { status }) };
      const known = unfinishedOf(mark, Date.parse('2026-01-01T12:00:00Z'));
      assert.deepEqual(known, unfinished && { ...spec, ...unfinished });
    });
});
