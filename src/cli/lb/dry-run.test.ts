import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../program.ts';

/** What `nekube lb agent --dry-run` prints to stderr, and its exit code, where a cluster answers so. */
async function dryRun(answer: RequestListener): Promise<{ code: number; stderr: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cwd = mkdtempSync(join(tmpdir(), 'nekube-dry-run-'));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: address } }],
    users: [{ name: 'u', user: { token: 'expired' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(join(cwd, 'kubeconfig'), JSON.stringify(kubeconfig));
  let stderr = '';
  try {
    const code = await run(['lb', 'agent', '--dry-run', '--node', 'n1', '--kubeconfig', 'kubeconfig'], {
      ...{ cwd, env: {}, columns: undefined, elapsedMs: () => 0, signal: new AbortController().signal },
      stdout: () => undefined,
      stderr: (text) => (stderr += text),
    });
    return { code, stderr };
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(cwd, { recursive: true });
  }
}

test('a dry run ends where the cluster does not let it read', async () => {
  const { code, stderr } = await dryRun((_, response) => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'Unauthorized', code: 401 };
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(status));
  });
  assert.equal(code, 2);
  assert.match(stderr, /^error: Cannot read (Node|Service|EndpointSlice)s of the cluster: Unauthorized/);
});
