import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { bundleOf, type CertificateState, type CertificateTerms, planCertificates } from './plan.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TERMS: CertificateTerms = {
  hosts: ['web.ops.svc'],
  ips: ['127.0.0.1', '::1'],
  caLifetimeMs: 60 * DAY_MS,
  lifetimeMs: 20 * DAY_MS,
  settleMs: HOUR_MS,
};
const START = Date.UTC(2026, 0, 1);
const at = (ms: number): Date => new Date(START + ms);

/** What a verifier with these CAs says of a server's certificate at a time. */
function verifies(bundle: string, leaf: string, now: Date): boolean {
  const inTime = ({ validFrom, validTo }: X509Certificate): boolean =>
    now >= new Date(validFrom) && now < new Date(validTo);
  const certificate = new X509Certificate(leaf);
  const cas = bundle.match(/-----BEGIN[^]*?END CERTIFICATE-----/g)!.map((pem) => new X509Certificate(pem));
  return (
    inTime(certificate) &&
    cas.some((ca) => inTime(ca) && ca.subject === certificate.issuer && certificate.verify(ca.publicKey))
  );
}

test('the first certificates are for all names, and verify', () => {
  const { state, change } = planCertificates(undefined, TERMS, at(0), false);
  assert.equal(change, 'made');
  assert.equal(verifies(bundleOf(state), state.leaf.cert, at(0)), true);
  const leaf = new X509Certificate(state.leaf.cert);
  assert.equal(leaf.checkHost('web.ops.svc'), 'web.ops.svc');
  assert.equal(leaf.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(new X509Certificate(state.ca.cert).ca, true);
  assert.equal(planCertificates(state, TERMS, at(HOUR_MS), true).change, undefined);
});

test('a certificate is renewed after two thirds of its life, and when its names change', () => {
  const { state } = planCertificates(undefined, TERMS, at(0), true);
  assert.equal(planCertificates(state, TERMS, at(13 * DAY_MS), true).change, undefined);
  assert.equal(planCertificates(state, TERMS, at(14 * DAY_MS), true).change, 'renewed');
  assert.equal(planCertificates(state, { ...TERMS, hosts: ['other'] }, at(0), true).change, 'renewed');
});

test('a CA that not all trust yet does not sign', () => {
  let { state } = planCertificates(undefined, TERMS, at(0), true);
  state = planCertificates(state, TERMS, at(41 * DAY_MS), true).state;
  assert.ok(state.next);
  const later = planCertificates(state, TERMS, at(43 * DAY_MS), false);
  assert.notEqual(later.change, 'the new CA signs');
  assert.equal(planCertificates(state, TERMS, at(43 * DAY_MS), true).change, 'the new CA signs');
});

test('certificates that do not belong together, are damaged or have ended are made anew', () => {
  const one = planCertificates(undefined, TERMS, at(0), true).state;
  const other = planCertificates(undefined, TERMS, at(0), true).state;
  const damaged = { ...one, leaf: { ...one.leaf, cert: 'no certificate' } };
  const mixed = { ...one, ca: { cert: one.ca.cert, key: other.ca.key } };
  for (const state of [damaged, mixed]) assert.equal(planCertificates(state, TERMS, at(0), true).change, 'made');
  assert.equal(planCertificates(one, TERMS, at(61 * DAY_MS), true).change, 'made');
  assert.equal(planCertificates({ ...one, leaf: other.leaf }, TERMS, at(0), true).change, 'renewed');
});

/** Small, fast and the same everywhere (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SEED = Number(process.env.NEKUBE_SEED ?? 1);

test(`replicas look at random moments, over several CAs, and no call fails (NEKUBE_SEED=${SEED})`, () => {
  const next = random(SEED);
  const replicas = 3;
  const terms = { ...TERMS, caLifetimeMs: 8 * DAY_MS, lifetimeMs: 3 * DAY_MS };
  let shared: CertificateState = planCertificates(undefined, terms, at(0), true).state;
  const shown = new Array<CertificateState>(replicas).fill(shared);
  let trusted = bundleOf(shared);
  const changes = new Map<string, number>();
  for (let now = 0; now < 45 * DAY_MS; ) {
    now += next() * 20 * 60_000 + (next() < 0.95 ? 8 * HOUR_MS * next() : 0);
    // within the time that it takes to settle, every replica has looked, in any order; the trust may be written or fail
    for (const replica of [0, 1, 2].sort(() => next() - 0.5)) {
      const reached = next() < 0.9;
      if (reached) trusted = bundleOf(shared);
      const plan = planCertificates(shared, terms, at(now), trusted === bundleOf(shared));
      shared = plan.state;
      shown[replica] = shared;
      if (plan.change) changes.set(plan.change, (changes.get(plan.change) ?? 0) + 1);
      if (plan.change && reached) trusted = bundleOf(shared);
      for (const { leaf } of shown)
        assert.equal(verifies(trusted, leaf.cert, at(now)), true, `at ${now / DAY_MS} days`);
    }
  }
  assert.ok(changes.get('the new CA signs')! >= 6);
  assert.equal(changes.get('made'), undefined);
});
