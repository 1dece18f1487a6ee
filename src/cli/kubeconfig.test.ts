import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkReplaceable, kubeconfigOf } from './kubeconfig.ts';

const written = kubeconfigOf({ server: 'https://127.0.0.1:6443', caCert: 'ca', clientCert: 'cert', clientKey: 'key' });
/** As kubectl writes it again: without comments, with the namespace that was asked for. */
const rewritten = written
  .replace(/^#.*\n/, '')
  .replace('    user: nekube-admin\n', '    user: nekube-admin\n    namespace: shop\n');

const cases: readonly (readonly [name: string, text: string, isReplaced: boolean])[] = [
  ['of ours', written, true],
  ['that is empty', '\n', true],
  ['of ours, which kubectl has changed', rewritten, true],
  [
    'of ours, to which another context was added',
    `${rewritten}- {name: work, context: {cluster: work, user: me}}\n`,
    false,
  ],
  [
    'of ours, to which another user was added',
    rewritten.replace('users:\n', 'users:\n- {name: me, user: {}}\n'),
    false,
  ],
  ['without any cluster', 'apiVersion: v1\nkind: Config\n', false],
  ['that is none', 'clusters: 1', false],
  ['that cannot be read', 'a: [', false],
];

for (const [name, text, isReplaced] of cases)
  test(`a kubeconfig ${name} is ${isReplaced ? '' : 'not '}replaced`, (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-kubeconfig-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const path = join(dir, 'config');
    writeFileSync(path, text);
    if (isReplaced) checkReplaceable(path);
    else assert.throws(() => checkReplaceable(path), /there is a file that nekube did not write/);
  });
