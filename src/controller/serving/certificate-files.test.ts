import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { issueCertificate, type KeyPair } from 'nekube/pki';
import { CertificateFiles } from './certificate-files.ts';

function pair(): KeyPair {
  const [notBefore, notAfter] = [new Date(0), new Date(Date.UTC(2100))];
  return issueCertificate({
    subject: { commonName: 'x' },
    use: 'server',
    notBefore,
    notAfter,
    names: { hosts: ['x'], ips: [] },
  });
}

function folder(t: TestContext): { dir: string; write: (pair: Partial<KeyPair>) => void } {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-files-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const write = ({ cert, key }: Partial<KeyPair>): void => {
    if (cert !== undefined) writeFileSync(join(dir, 'tls.crt'), cert);
    if (key !== undefined) writeFileSync(join(dir, 'tls.key'), key, { mode: 0o600 });
  };
  return { dir, write };
}

test('files that change are read anew, and told once', async (t) => {
  const { dir, write } = folder(t);
  const [first, second] = [pair(), pair()];
  const reads: boolean[] = [];
  const files = new CertificateFiles({ dir, onRead: (ok) => reads.push(ok) });
  const heard: KeyPair[] = [];
  files.subscribe((next) => heard.push(next));
  write(first);
  await files.reload();
  await files.reload();
  assert.deepEqual(files.current, first);
  write(second);
  await files.reload();
  assert.deepEqual(heard, [second]);
  assert.deepEqual(reads, [true, true, true]);
});

test('a pair that does not fit is not taken', async (t) => {
  const { dir, write } = folder(t);
  const [first, second] = [pair(), pair()];
  const files = new CertificateFiles({ dir });
  write(first);
  await files.reload();
  write({ cert: second.cert });
  await assert.rejects(files.reload(), /tls\.crt": it is not for the key in .*tls\.key"/);
  write({ cert: 'half' });
  await assert.rejects(files.reload(), /Cannot use ".*tls\.crt": /);
  assert.deepEqual(files.current, first);
});

test('files that are not there at the start are an error that names them', async (t) => {
  const { dir } = folder(t);
  const files = new CertificateFiles({ dir });
  await assert.rejects(files.start(new AbortController().signal), /Cannot use ".*tls\.crt": it is not there/);
});

test('the system tells of a change, long before the next look', async (t) => {
  const { dir, write } = folder(t);
  write(pair());
  const files = new CertificateFiles({ dir, intervalMs: 3_600_000 });
  const stop = new AbortController();
  const running = files.start(stop.signal);
  await files.ready(stop.signal);
  const second = pair();
  const heard = new Promise<KeyPair>((resolve) => files.subscribe(resolve));
  write(second);
  assert.deepEqual(await heard, second);
  stop.abort();
  await running;
});
