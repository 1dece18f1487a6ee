import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CliError } from './io.ts';
import { readWebhookKubeconfig } from './webhook-kubeconfig.ts';

const dir = mkdtempSync(join(tmpdir(), 'nekube-webhook-'));
after(() => rmSync(dir, { recursive: true }));

function kubeconfig(text: string): string {
  const path = join(dir, 'config');
  writeFileSync(path, text);
  return path;
}

test('a webhook is where the current context says, and is called as its user', () => {
  writeFileSync(join(dir, 'ca.crt'), 'CA');
  writeFileSync(join(dir, 'token'), 'secret\n');
  const path = kubeconfig(`
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: 'https://hook.test/authorize', certificate-authority: ca.crt, tls-server-name: name.test}}]
users: [{name: u, user: {tokenFile: token, client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}]
`);
  assert.deepEqual(readWebhookKubeconfig(path, '--flag'), {
    url: 'https://hook.test/authorize',
    ca: 'CA',
    serverName: 'name.test',
    credentials: { cert: 'CERT', key: 'KEY', token: 'secret' },
  });
});

test('a kubeconfig that names no webhook is refused with its flag', () => {
  const path = kubeconfig('clusters: []');
  assert.throws(
    () => readWebhookKubeconfig(path, '--flag'),
    (e) =>
      e instanceof CliError && e.message.startsWith(`Cannot use the kubeconfig "${path}": current-context is missing`),
  );
  assert.throws(
    () => readWebhookKubeconfig(join(dir, 'none'), '--flag'),
    /Cannot use the kubeconfig .*: no such file or directory$/,
  );
});
