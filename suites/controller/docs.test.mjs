// The controller of docs/controller.md does, as it stands there, what the page says.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { Manager } from 'nekube/controller';
import { clientOf, eventually, startInProcess } from './server.mjs';
import { CONFIG_MAP, CRD, DEPLOYMENT } from './web.mjs';

const PAGE = fileURLToPath(new URL('../../docs/controller.md', import.meta.url));

test('the controller of the page runs', async () => {
  const [, source] = /```ts\n([^]*?)```/.exec(readFileSync(PAGE, 'utf8'));
  const { code } = await transform(source, { loader: 'ts', format: 'esm' });
  const dir = mkdtempSync(fileURLToPath(new URL('docs-', import.meta.url)));
  const server = await startInProcess();
  const client = await clientOf(server);
  const abort = new AbortController();
  try {
    writeFileSync(join(dir, 'web.mjs'), code);
    const { addWebController, Web } = await import(pathToFileURL(join(dir, 'web.mjs')).href);
    await client.create(CRD);
    await eventually('the kind', () => client.list(Web));
    const register = new Set();
    const manager = new Manager({ client });
    addWebController(manager, register);
    const ended = manager.start(abort.signal);
    const key = { namespace: 'default', name: 'shop' };
    await client.create({ ...Web, metadata: key, spec: { page: 'hello', replicas: 1 } });
    await eventually(
      'a Web that waits',
      async () => (await client.get(Web, key)).status?.conditions[0].status === 'False',
    );
    assert.deepEqual([...register], ['shop']);
    assert.deepEqual((await client.get(CONFIG_MAP, key)).data, { 'index.html': 'hello' });
    const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    await client.patch(DEPLOYMENT, key, { merge: { status } }, { subresource: 'status' });
    await eventually(
      'a Web that is ready',
      async () => (await client.get(Web, key)).status.conditions[0].status === 'True',
    );
    await client.delete(Web, key);
    await eventually('its end', async () => (await client.list(Web)).items.length === 0);
    assert.deepEqual([...register], []);
    abort.abort();
    await ended;
  } finally {
    abort.abort();
    await client.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
