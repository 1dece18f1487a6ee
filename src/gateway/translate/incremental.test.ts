import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KNOWN_FEATURES } from '../model/features.ts';
import { sharedObjects } from './golden-cases.ts';
import { assertSameTranslation } from './same-translation.ts';
import { RandomWorld } from './random-world.ts';
import type { Resource, Secret } from './resources.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import { translate, Translator } from './translator.ts';

const OPTIONS = { supportedFeatures: KNOWN_FEATURES };

for (const seed of [1, 2, 3, 4, 5]) {
  test(`after random changes a translation equals a fresh one (seed ${seed})`, () => {
    const world = new RandomWorld(seed, sharedObjects());
    const translator = new Translator();
    let snapshot: Snapshot | undefined;
    for (let step = 0; step < 80; step++) {
      snapshot = world.snapshot(OPTIONS, snapshot);
      assertSameTranslation(translator.translate(snapshot), translate(snapshot), `seed ${seed}, step ${step}`);
      for (let i = 0; i <= step % 4; i++) world.change();
    }
  });
}

/** `count` routes with a service each, on one gateway. */
function fleet(count: number, change: Readonly<Record<string, Resource>> = {}): Snapshot {
  return snapshotOf(
    [...fleetObjects(count)].map((object) => change[`${object.kind}/${object.metadata.name}`] ?? object),
    OPTIONS,
  );
}

function* fleetObjects(count: number): Iterable<Resource> {
  yield* [...sharedObjects()].filter(({ kind }) => kind === 'GatewayClass');
  yield {
    kind: 'Gateway',
    metadata: { name: 'gw', namespace: 'a' },
    spec: { gatewayClassName: 'nekube', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  } as Resource;
  for (let i = 0; i < count; i++) {
    yield route(i, '/');
    yield { kind: 'Service', metadata: { name: `s${i}`, namespace: 'a' }, spec: { ports: [{ port: 80 }] } } as Resource;
    yield slice(i, '10.0.0.1');
  }
}

function route(i: number, path: string): Resource {
  const rules = [
    { matches: [{ path: { type: 'PathPrefix', value: path } }], backendRefs: [{ name: `s${i}`, port: 80 }] },
  ];
  return {
    kind: 'HTTPRoute',
    metadata: { name: `r${i}`, namespace: 'a' },
    spec: { parentRefs: [{ name: 'gw' }], hostnames: [`h${i}.example`], rules },
  } as Resource;
}

function slice(i: number, address: string): Resource {
  const labels = { 'kubernetes.io/service-name': `s${i}` };
  return {
    kind: 'EndpointSlice',
    metadata: { name: `s${i}`, namespace: 'a', labels },
    addressType: 'IPv4',
    ports: [{ port: 8080 }],
    endpoints: [{ addresses: [address] }],
  } as Resource;
}

test('a changed endpoint changes endpoints alone', () => {
  const translator = new Translator();
  const before = translator.translate(fleet(5));
  const after = translator.translate(fleet(5, { 'EndpointSlice/s3': slice(3, '10.0.0.9') }));
  assert.equal(after.model.gateways, before.model.gateways);
  assert.equal(after.model.backends, before.model.backends);
  assert.equal(after.statuses, before.statuses);
  const changed = [...after.model.endpoints].filter(
    ([name, endpoints]) => before.model.endpoints.get(name) !== endpoints,
  );
  assert.deepEqual(
    changed.map(([name]) => name),
    ['service/a/s3/80'],
  );
});

test('a changed route changes its virtual host, and what that is in', () => {
  const translator = new Translator();
  const before = translator.translate(fleet(5));
  const after = translator.translate(fleet(5, { 'HTTPRoute/r2': route(2, '/new') }));
  const [old, now] = [before, after].map(({ model }) => model.gateways[0]!.listeners[0]!.chains[0]!.http!.virtualHosts);
  assert.deepEqual(
    now!.filter((host, index) => host !== old![index]).map(({ domains }) => domains[0]),
    ['h2.example'],
  );
  assert.equal(after.model.backends, before.model.backends);
  assert.equal(after.statuses.gateways, before.statuses.gateways);
});

test('the same snapshot gives the same objects, also when all objects were read anew', () => {
  const translator = new Translator();
  const before = translator.translate(fleet(5));
  const after = translator.translate(fleet(5));
  assert.equal(after.model, before.model);
  assert.equal(after.statuses, before.statuses);
});

test('a certificate that is rotated changes nothing of routes', () => {
  const listeners = [{ name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'cert' }] } }];
  const gateway = {
    kind: 'Gateway',
    metadata: { name: 'gw', namespace: 'a' },
    spec: { gatewayClassName: 'nekube', listeners },
  };
  const [first, second] = ['shop-cert', 'other-cert'].map((name) => {
    const secret = sharedObjects().find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)!;
    return { ...secret, metadata: { name: 'cert', namespace: 'a' } };
  });
  const objects = [...fleetObjects(3)].map((object) => (object.kind === 'Gateway' ? (gateway as Resource) : object));
  const translator = new Translator();
  const before = translator.translate(snapshotOf([...objects, first!], OPTIONS));
  const after = translator.translate(snapshotOf([...objects, second!], OPTIONS));
  assert.equal(after.model.gateways, before.model.gateways);
  assert.equal(after.model.backends, before.model.backends);
  assert.equal(after.statuses, before.statuses);
  assert.notEqual(after.model.secrets.get('secret/a/cert'), before.model.secrets.get('secret/a/cert'));
});

test('a ClusterTrustBundle is trusted as it is now, and when it is gone not at all', () => {
  const pem = (name: string): string => {
    const { data } = sharedObjects().find(
      ({ kind, metadata }) => kind === 'Secret' && metadata.name === name,
    ) as Secret;
    return Buffer.from(data!['tls.crt']!, 'base64').toString('utf8');
  };
  const caCertificateRefs = [{ group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: 'all' }];
  const policy = {
    kind: 'BackendTLSPolicy',
    metadata: { name: 'tls', namespace: 'a' },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 's0' }],
      validation: { hostname: 's0.example', caCertificateRefs },
    },
  } as Resource;
  const translator = new Translator();
  const told = (trustBundle?: string): readonly unknown[] => {
    const bundle = { kind: 'ClusterTrustBundle', metadata: { name: 'all' }, spec: { trustBundle } };
    const objects = [...fleetObjects(1), policy, ...(trustBundle === undefined ? [] : [bundle])];
    const { model, statuses } = translator.translate(snapshotOf(objects, OPTIONS));
    const secret = model.secrets.get('ca/cluster/all');
    const [ancestor] = statuses.backendTlsPolicies.get('a/tls')!.ancestors;
    return [secret?.kind === 'ca' ? secret.bundle : undefined, ...ancestor!.conditions.map(({ reason }) => reason)];
  };
  const [first, second] = [pem('shop-cert'), pem('other-cert')];
  assert.deepEqual(told(first), [first, 'Accepted', 'ResolvedRefs']);
  assert.deepEqual(told(second), [second, 'Accepted', 'ResolvedRefs']);
  assert.deepEqual(told(), [undefined, 'NoValidCACertificate', 'InvalidCACertificateRef']);
  assert.deepEqual(told(first), [first, 'Accepted', 'ResolvedRefs']);
});
