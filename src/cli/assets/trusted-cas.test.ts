import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { trustedCas } from './trusted-cas.ts';

test('whom Node trusts is left to Node where it was not told otherwise', () => {
  assert.equal(trustedCas({ NODE_EXTRA_CA_CERTS: '/some/file' }), undefined);
});

test('whom Node trusts are its own, and those of the file that the launcher names', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-cas-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'extra.pem');
  writeFileSync(file, 'EXTRA\n');
  const roots = rootCertificates.join('\n');
  assert.equal(trustedCas({ NEKUBE_EXTRA_CA_CERTS: file })!(), `${roots}\nEXTRA\n`);
  for (const name of ['', join(dir, 'missing')])
    assert.equal(trustedCas({ NEKUBE_EXTRA_CA_CERTS: name })!().trimEnd(), roots);
});
