import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kubeApiserver } from './kube-apiserver-command.ts';

/** A command line that kube-apiserver 1.36.3 does not take, and what it says; see tools/record-flags.mjs. */
interface Recorded {
  readonly args: readonly string[];
  readonly code: number;
  readonly said: readonly string[];
}

const testdata = fileURLToPath(new URL('../../../src/cli/assets/testdata/', import.meta.url));
const recorded = JSON.parse(readFileSync(join(testdata, 'kube-apiserver-flags.json'), 'utf8')) as Recorded[];

/** Flags whose values mean nothing here are not looked at. */
const NOT_LOOKED_AT =
  /^--(allow-metric-labels-manifest|authorization-config|cors-allowed-origins|disabled-metrics|emulated-version|encryption-provider-config|min-compatibility-version|oidc-[a-z-]+|show-hidden-metrics-for-version|strict-transport-security-directives|tls-cipher-suites|tls-min-version|tracing-config-file|egress-selector-config-file|authentication-config|authorization-policy-file|admission-control|emulation-forward-compatible|runtime-config-emulation-forward-compatible)=/;

const dir = mkdtempSync(join(tmpdir(), 'nekube-flags-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
writeFileSync(join(dir, 'sa.pem'), privateKey.export({ type: 'sec1', format: 'pem' }));

/** What the program says, without what it logs beside. */
async function run(args: readonly string[]): Promise<{ code: number; said: string[]; stdout: string }> {
  let [stdout, stderr] = ['', ''];
  const stop = new AbortController();
  const io = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
    cwd: dir,
    signal: stop.signal,
  };
  const code = await kubeApiserver(args, io);
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !/^[IW]\d{4} /.test(line));
  return { code, said: lines.map((line) => line.replace(/^E\d{4} [\d:.]+ +\d+ run\.go:\d+\] /, '')), stdout };
}

describe('kube-apiserver refuses what the real one refuses, in its words', () => {
  for (const { args, code, said } of recorded.filter((one) => !one.args.some((arg) => NOT_LOOKED_AT.test(arg))))
    test(args.join(' ') || '(nothing)', async () => {
      const answer = await run(args);
      assert.deepEqual({ code: answer.code, said: answer.said }, { code, said });
    });
});

test('help has no flag of old and is the real one', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  assert.match(stdout, /^ {6}--secure-port int /m);
  assert.doesNotMatch(stdout, /^\s*--insecure-port/m);
});

test('the version is said', async () => {
  assert.deepEqual(await run(['--version']), { code: 0, said: [''], stdout: 'Kubernetes v1.36.3\n' });
});
