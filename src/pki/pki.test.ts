import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { parseClientCertificate } from './client-subject.ts';
import { loadOrCreatePki, type PkiOptions } from './pki.ts';

const START = new Date('2026-11-22T10:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

function options(change: Partial<PkiOptions> = {}): PkiOptions {
  return {
    hosts: ['localhost', 'kubernetes.default.svc'],
    ips: ['127.0.0.1', '::1', '10.0.0.1'],
    now: () => START,
    ...change,
  };
}

function later(days: number): PkiOptions {
  return options({ now: () => new Date(START.getTime() + days * DAY_MS) });
}

function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-pki-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('the serving certificate is signed by the CA and holds for every name', () => {
  const pki = loadOrCreatePki(undefined, options());
  const ca = new X509Certificate(pki.caCert);
  const serving = new X509Certificate(pki.servingCert);
  assert.equal(ca.ca, true);
  assert.equal(serving.ca, false);
  assert.ok(ca.verify(ca.publicKey));
  assert.ok(serving.verify(ca.publicKey));
  assert.ok(serving.checkIssued(ca));
  assert.ok(serving.checkPrivateKey(createPrivateKey(pki.servingKey)));
  for (const host of ['localhost', 'kubernetes.default.svc']) assert.equal(serving.checkHost(host), host);
  for (const ip of ['127.0.0.1', '::1', '10.0.0.1']) assert.equal(serving.checkIP(ip), ip);
  assert.equal(serving.checkIP('10.0.0.2'), undefined);
});

test('IPv6 addresses in every spelling are written in full', () => {
  const ips = ['fd00::1:0:0:2', '::ffff:10.0.0.1', '1:2:3:4:5:6:7:8', '::'];
  const serving = new X509Certificate(loadOrCreatePki(undefined, options({ hosts: [], ips })).servingCert);
  for (const ip of ips) assert.ok(serving.checkIP(ip), ip);
});

test('a date from 2050 on is written with four digits of year', () => {
  const pki = loadOrCreatePki(undefined, options({ now: () => new Date('2045-01-01T00:00:00Z') }));
  assert.match(new X509Certificate(pki.caCert).validTo, /2054/);
});

test('openssl verifies the chain for its purpose', (t) => {
  if (spawnSync('openssl', ['version']).status !== 0) return t.skip('openssl is not installed');
  const dir = tempDir(t);
  const pki = loadOrCreatePki(undefined, options({ now: () => new Date() }));
  writeFileSync(join(dir, 'ca.crt'), pki.caCert);
  writeFileSync(join(dir, 'server.crt'), pki.servingCert);
  writeFileSync(join(dir, 'client.crt'), pki.issueClient({ user: 'jane', groups: ['devs'] }).cert);
  const verify = (purpose: string, file: string) =>
    spawnSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.crt', file], { cwd: dir });
  assert.equal(verify('sslserver', 'server.crt').stdout.toString(), 'server.crt: OK\n');
  assert.equal(verify('sslclient', 'client.crt').stdout.toString(), 'client.crt: OK\n');
  assert.notEqual(verify('sslclient', 'server.crt').status, 0);
  const text = execFileSync('openssl', ['x509', '-in', 'client.crt', '-noout', '-subject', '-nameopt', 'RFC2253'], {
    cwd: dir,
  });
  assert.equal(text.toString(), 'subject=CN=jane,O=devs\n');
});

test('a TLS server accepts a client by its certificate and learns user and groups', async (t) => {
  const pki = loadOrCreatePki(undefined, options({ now: () => new Date() }));
  const tls = {
    cert: pki.servingCert,
    key: pki.servingKey,
    ca: pki.caCert,
    requestCert: true,
    rejectUnauthorized: false,
  };
  const server = createServer(tls, (req, res) => {
    const socket = req.socket as TLSSocket;
    const certificate = socket.getPeerX509Certificate();
    res.end(JSON.stringify(socket.authorized && certificate ? parseClientCertificate(certificate.raw) : null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = (identity: object) =>
    new Promise<unknown>((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, ca: pki.caCert, agent: false, ...identity }, async (res) => {
        resolve(JSON.parse((await res.toArray()).join('')));
      });
      req.on('error', reject).end();
    });
  assert.deepEqual(await ask(pki.issueClient({ user: 'jane', groups: ['devs', 'ops'] })), {
    user: 'jane',
    groups: ['devs', 'ops'],
  });
  assert.equal(await ask({}), null);
  assert.equal(
    await ask(loadOrCreatePki(undefined, later(0)).issueClient({ user: 'eve', groups: ['system:masters'] })),
    null,
  );
});

test('a second start finds what the first one made', (t) => {
  const dir = join(tempDir(t), 'pki');
  const { issueClient: _, issueServing: _serving, frontProxy, ...first } = loadOrCreatePki(dir, options());
  const { issueClient: __, issueServing: __serving, frontProxy: again, ...second } = loadOrCreatePki(dir, later(1));
  assert.deepEqual(second, first);
  assert.deepEqual(readdirSync(dir).sort(), ['apiserver.crt', 'apiserver.key', 'ca.crt', 'ca.key', 'sa.key']);
  assert.deepEqual(frontProxy(), again());
  assert.equal(statSync(join(dir, 'front-proxy-client.key')).mode & 0o777, 0o600);
  for (const file of ['ca.key', 'apiserver.key', 'sa.key']) assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600);
});

test('a front proxy is signed by a CA of its own', () => {
  const pki = loadOrCreatePki(undefined, options());
  const { caCert, name, client } = pki.frontProxy();
  const certificate = new X509Certificate(client.cert);
  assert.equal(parseClientCertificate(certificate.raw)?.user, name);
  assert.ok(certificate.verify(new X509Certificate(caCert).publicKey));
  assert.ok(!certificate.verify(new X509Certificate(pki.caCert).publicKey));
});

test('the serving certificate is renewed when it ends soon or the names change, the CA stays', (t) => {
  const dir = tempDir(t);
  const first = loadOrCreatePki(dir, options());
  for (const change of [later(340), options({ ips: ['127.0.0.1'] }), options({ hosts: ['localhost'] })]) {
    const renewed = loadOrCreatePki(dir, change);
    assert.equal(renewed.caCert, first.caCert);
    assert.notEqual(renewed.servingCert, first.servingCert);
  }
});

test('an ended CA takes the serving certificate with it, the service account key stays', (t) => {
  const dir = tempDir(t);
  const first = loadOrCreatePki(dir, options());
  const renewed = loadOrCreatePki(dir, later(3651));
  assert.notEqual(renewed.caCert, first.caCert);
  assert.ok(new X509Certificate(renewed.servingCert).verify(new X509Certificate(renewed.caCert).publicKey));
  assert.equal(renewed.serviceAccountKey, first.serviceAccountKey);
});

test('halves that do not match are replaced', (t) => {
  const dir = tempDir(t);
  loadOrCreatePki(dir, options());
  writeFileSync(join(dir, 'apiserver.key'), loadOrCreatePki(undefined, options()).servingKey);
  const pki = loadOrCreatePki(dir, options());
  assert.ok(new X509Certificate(pki.servingCert).checkPrivateKey(createPrivateKey(pki.servingKey)));
});

test('a damaged file is named and left as it is', (t) => {
  const dir = tempDir(t);
  loadOrCreatePki(dir, options());
  writeFileSync(join(dir, 'sa.key'), 'garbage');
  assert.throws(() => loadOrCreatePki(dir, options()), /^Error: Cannot use ".*sa\.key": it is damaged; restore it/);
  assert.equal(readFileSync(join(dir, 'sa.key'), 'utf8'), 'garbage');
});

const SUBJECTS: ReadonlyArray<{ name: string; subject: string; identity: unknown }> = [
  { name: 'several organizations', subject: '/O=b/O=a/CN=jane', identity: { user: 'jane', groups: ['b', 'a'] } },
  { name: 'the last common name', subject: '/CN=first/CN=last', identity: { user: 'last', groups: [] } },
  {
    name: 'several attributes in one relative name',
    subject: '/CN=jane+O=devs',
    identity: { user: 'jane', groups: ['devs'] },
  },
  { name: 'other attributes beside', subject: '/C=DE/OU=x/CN=jäne', identity: { user: 'jäne', groups: [] } },
  { name: 'no common name', subject: '/O=devs', identity: undefined },
];

for (const { name, subject, identity } of SUBJECTS) {
  test(`a subject with ${name} is read`, (t) => {
    if (spawnSync('openssl', ['version']).status !== 0) return t.skip('openssl is not installed');
    const dir = tempDir(t);
    const make = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-utf8',
      '-multivalue-rdn',
    ];
    execFileSync('openssl', [...make, '-keyout', 'k', '-out', 'c', '-subj', subject, '-days', '1'], {
      cwd: dir,
      stdio: 'ignore',
    });
    assert.deepEqual(parseClientCertificate(new X509Certificate(readFileSync(join(dir, 'c'))).raw), identity);
  });
}

test('what is not a certificate has no identity', () => {
  for (const bytes of [[], [0x30], [0x30, 0x80], [0x30, 0x03, 1, 2, 3], [0x30, 0x84, 255, 255, 255, 255]]) {
    assert.equal(parseClientCertificate(Buffer.from(bytes)), undefined);
  }
});
