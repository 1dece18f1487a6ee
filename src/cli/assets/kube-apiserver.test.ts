import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { issueCertificate } from 'nekube/pki';
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
    env: {},
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

describe('a serving certificate that is none is refused at the start, in the words of the real one', () => {
  const issued = (): { cert: string; key: string } => {
    const terms = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
    return issueCertificate({ subject: { commonName: 'localhost' }, use: 'ca', ...terms });
  };
  const one = issued();
  const files = { 'a.crt': one.cert, 'a.key': one.key, 'b.key': issued().key, empty: '', text: 'hello' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  for (const [cert, key, why] of [
    ['empty', 'empty', 'missing content for serving cert \\"serving-cert::empty::empty\\"'],
    ['text', 'a.key', 'tls: failed to find any PEM data in certificate input'],
    ['a.crt', 'text', 'tls: failed to find any PEM data in key input'],
    ['a.crt', 'a.crt', 'tls: found a certificate rather than a key in the PEM for the private key'],
    ['a.crt', 'b.key', 'tls: private key does not match public key'],
    [
      'a.key',
      'a.crt',
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
  ] as const)
    test(`${cert} and ${key}`, async () => {
      const { code, said } = await run([
        '--etcd-servers=http://127.0.0.1:1',
        '--service-account-issuer=https://x/',
        '--service-account-key-file=sa.pem',
        '--service-account-signing-key-file=sa.pem',
        '--service-cluster-ip-range=10.0.0.0/24',
        `--tls-cert-file=${cert}`,
        `--tls-private-key-file=${key}`,
      ]);
      assert.deepEqual({ code, said }, { code: 1, said: [`"command failed" err="${why}"`] });
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
