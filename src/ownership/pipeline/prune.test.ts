import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { type Client, systemClock } from 'nekube/client';
import type { ObjectWriter } from './object-writer.ts';
import { pruneMembers } from './prune.ts';
import { newContext } from './run-context.ts';

const member = (name: string, uid: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid },
});

test('what is not stated goes, and only as the very object that was seen; what is stated stays, if made anew, too', async () => {
  const members = [member('stated', 'made-anew'), member('applied', 'u1'), member('gone', 'u2')];
  const deleted: unknown[] = [];
  const client = {
    async delete(_kind: unknown, { name }: { name: string }, { preconditions }: { preconditions: unknown }) {
      deleted.push([name, preconditions]);
    },
  } as unknown as Client;
  const { context, dispose } = newContext(client, {
    manager: 'ci',
    writer: {} as ObjectWriter,
    mode: 'apply',
    parallel: 1,
    clock: systemClock,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const applied = {
    uids: new Set(['as-it-was', 'u1']),
    keys: new Set(['/ConfigMap/shop/stated', '/ConfigMap/shop/applied']),
  };
  const session = {
    membersBeside: async (uids: ReadonlySet<string>) => members.filter(({ metadata }) => !uids.has(metadata.uid!)),
  };
  const reports = await pruneMembers(session, applied, () => undefined, context);
  dispose();
  assert.deepEqual(
    reports.map(({ name, action }) => [name, action]),
    [['gone', 'pruned']],
  );
  assert.deepEqual(deleted, [['gone', { uid: 'u2' }]]);
});
