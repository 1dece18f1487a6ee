import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from 'nekube/client';
import type { Io } from '../io.ts';
import { warnOfUnreachedPods } from './unreached-pods.ts';

function node(name: string, address: string, runtime = 'nekube://1'): object {
  const addresses = [{ type: 'InternalIP', address }];
  return { metadata: { name }, status: { addresses, nodeInfo: { containerRuntimeVersion: runtime } } };
}

async function warnings(list: () => Promise<unknown>): Promise<string> {
  let told = '';
  const io = { signal: new AbortController().signal, stderr: (text: string) => (told += text) };
  await warnOfUnreachedPods({ list } as unknown as Client, io as unknown as Io);
  return told;
}

test('nodes of nekube up that are elsewhere are told of once, with what to do', async () => {
  const items = [node('here', '127.0.0.1'), node('one', '192.0.2.1'), node('two', '192.0.2.2')];
  const told = await warnings(async () => ({ items }));
  assert.match(told, /^nekube: warning: node one is 192\.0\.2\.1, .*\n.*fix: .*nekube up --gateway\n$/);
});

test('nodes of others, those of this machine, and nodes that nobody may see are not told of', async () => {
  const items = [node('here', '127.0.0.1'), node('other', '192.0.2.1', 'containerd://2')];
  assert.equal(await warnings(async () => ({ items })), '');
  assert.equal(await warnings(() => Promise.reject(new Error('forbidden'))), '');
});
