import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../program.ts';

/** An event of the audit log: who did what to ConfigMaps, as a line. */
function event(auditID: string, username: string, verb: string): string {
  const objectRef = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
  return `${JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID,
    stage: 'ResponseComplete',
    user: { username },
    verb,
    objectRef,
    requestURI: '/api/v1/namespaces/default/configmaps',
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-11-30T06:00:00.000000Z',
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  })}\n`;
}

/** What is told of jane who is followed until it is interrupted, by a server that tells late; `end` is asked to tell then. */
async function attached(end: (told: ServerResponse, asked: IncomingMessage, answer: ServerResponse) => void) {
  let told: ServerResponse | undefined;
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/debug/audit')) return end(told!, request, response);
    told = response.writeHead(200, { 'content-type': 'application/json;stream=audit' });
    told.write(event('first', 'jane', 'list'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cwd = mkdtempSync(join(tmpdir(), 'nekube-attach-'));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: address } }],
    users: [{ name: 'u', user: { token: 'admin' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(join(cwd, 'kubeconfig'), JSON.stringify(kubeconfig));
  writeFileSync(join(cwd, 'rbac.json'), JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [] }));
  const interrupt = new AbortController();
  let [stdout, stderr] = ['', ''];
  try {
    const words = 'audit attach --user jane --rbac rbac.json --kubeconfig kubeconfig -o yaml';
    const code = await run(words.split(' '), {
      ...{ cwd, env: {}, columns: undefined, elapsedMs: () => 0, signal: interrupt.signal },
      stdout: (text) => (stdout += text),
      stderr: (text) => {
        stderr += text;
        if (text.includes('following jane')) interrupt.abort();
      },
    });
    return { code, verbs: /verbs:[^\n]*(?:\n *- \w+)*/.exec(stdout)?.[0].match(/list|create|delete/g) ?? [], stderr };
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(cwd, { recursive: true });
  }
}

test('what was answered before an interrupt is told, though the server tells of it later', async () => {
  const { code, verbs, stderr } = await attached((told, asked, answer) => {
    told.write(event('second', 'jane', 'create'));
    told.write(event(String(asked.headers['audit-id']), 'admin', 'create'));
    told.write(event('third', 'jane', 'delete'));
    answer.writeHead(201, { 'content-type': 'application/json' }).end('{}');
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(verbs, ['list', 'create']);
  assert.doesNotMatch(stderr, /may not be in here/);
});

test('a server that goes at the interrupt is told of, and what it had told counts', async () => {
  const { code, verbs, stderr } = await attached((told, _, answer) => {
    told.destroy();
    answer.destroy();
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(verbs, ['list']);
  assert.match(stderr, /^warning: .*: what came last may not be in here$/m);
});
