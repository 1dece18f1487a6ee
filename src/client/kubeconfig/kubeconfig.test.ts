import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isParseError, parseYaml } from 'nekube/apimachinery';
import { clusterConfigOf } from './cluster-config.ts';
import { inClusterConfig } from './in-cluster.ts';
import { loadKubeconfig } from './load.ts';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly KUBECONFIG?: string;
  readonly context?: string;
  readonly config?: unknown;
  readonly error?: string;
  readonly errorMatches?: string;
}

const text = readFileSync(new URL('../../../src/client/testdata/kubeconfig.yaml', import.meta.url), 'utf8');
const cases = parseYaml(text) as unknown as readonly Case[];

function load({ files, path, KUBECONFIG, context }: Case): unknown {
  const readFile = (file: string): string => {
    const found = files[file];
    if (found !== undefined) return found;
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${file}'`), { code: 'ENOENT' });
  };
  const kubeconfig = loadKubeconfig({ home: '/home/u', env: { KUBECONFIG }, readFile, ...(path && { path }) });
  return clusterConfigOf(kubeconfig, { ...(context && { context }) });
}

describe('a kubeconfig', { skip: process.platform === 'win32' && 'its paths are of POSIX' }, () => {
  for (const entry of cases)
    test(entry.name, () => {
      if (entry.config !== undefined) return assert.deepEqual(load(entry), entry.config);
      assert.throws(
        () => load(entry),
        (e) => {
          assert.ok(isParseError(e), String(e));
          if (entry.error !== undefined) assert.equal(e.message, entry.error);
          else assert.match(e.message, new RegExp(entry.errorMatches!));
          return true;
        },
      );
    });
});

describe('in a pod', () => {
  const within = (files: Readonly<Record<string, string>>, use: (dir: string) => void): void => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-pod-'));
    try {
      for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
      use(dir);
    } finally {
      rmSync(dir, { recursive: true });
    }
  };
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  test('its service account reaches its cluster', () => {
    within({ token: 't', 'ca.crt': 'CA', namespace: 'mine\n' }, (dir) => {
      assert.deepEqual(inClusterConfig({ env, dir }), {
        server: 'https://[fd00::1]:443',
        tokenFile: join(dir, 'token'),
        ca: { file: join(dir, 'ca.crt') },
        namespace: 'mine',
      });
      assert.equal(inClusterConfig({ env: { ...env, POD_NAMESPACE: 'other' }, dir })?.namespace, 'other');
    });
  });

  test('what has no token, or no address, is no pod', () => {
    within({}, (dir) => assert.equal(inClusterConfig({ env, dir }), undefined));
    within({ token: 't' }, (dir) => assert.equal(inClusterConfig({ env: {}, dir }), undefined));
  });
});
