import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneJson, type KubeObject, newAlreadyExists, newConflict, newNotFound } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';
import { CertificateRotator } from './certificate-rotator.ts';

const SECRETS = { group: '', resource: 'secrets' };

/** As much of a cluster as keeps a few objects; `meanwhile` runs before a write, as others may. */
class Cluster {
  readonly objects = new Map<string, KubeObject>();
  readonly applied: { readonly object: KubeObject; readonly fieldManager?: string }[] = [];
  meanwhile = (): void => {};
  #revision = 0;

  readonly client = {
    get: async (kind: Kind, { name }: ObjectKey) => {
      const object = this.objects.get(`${kind.kind} ${name}`);
      if (object === undefined) throw newNotFound({ group: '', resource: kind.kind.toLowerCase() }, name);
      return cloneJson(object);
    },
    create: async (object: KubeObject) => {
      this.meanwhile();
      if (this.objects.has(keyOf(object))) throw newAlreadyExists(SECRETS, object.metadata.name!);
      return this.put(object);
    },
    update: async (object: KubeObject) => {
      this.meanwhile();
      const live = this.objects.get(keyOf(object));
      if (live?.metadata.resourceVersion !== object.metadata.resourceVersion)
        throw newConflict(SECRETS, 'x', 'changed');
      return this.put(object);
    },
    apply: async (object: KubeObject, { fieldManager }: { fieldManager?: string }) => {
      this.applied.push({ object, ...(fieldManager && { fieldManager }) });
      const { metadata: _, ...fields } = object;
      this.put({ ...this.objects.get(keyOf(object))!, ...fields });
      return object;
    },
  } as unknown as Client;

  put(object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.objects.set(keyOf(object), stored);
    return stored;
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

const secret = { namespace: 'ops', name: 'web-certificates' };

function clockAt(): { now(): number; elapsed(): number; after(): () => void; ms: number } {
  return {
    ms: Date.UTC(2026, 0, 1),
    now() {
      return this.ms;
    },
    elapsed() {
      return this.ms;
    },
    after: () => () => {},
  };
}

test('replicas that start together share one Secret', async () => {
  const cluster = new Cluster();
  const options = { client: cluster.client, secret, service: { namespace: 'ops', name: 'web' } };
  const replicas = [1, 2, 3].map(() => new CertificateRotator(options));
  await Promise.all(replicas.map((replica) => replica.check()));
  assert.equal(new Set(replicas.map(({ current }) => current.cert)).size, 1);
  const { type, data } = cluster.objects.get('Secret web-certificates')!;
  assert.equal(type, 'kubernetes.io/tls');
  assert.deepEqual(Object.keys(data).sort(), ['ca.crt', 'signing-ca.crt', 'signing-ca.key', 'tls.crt', 'tls.key']);
  assert.equal(Buffer.from(data['ca.crt'], 'base64').toString(), replicas[0]!.caBundle);
});

test('who writes second takes what the first one wrote', async () => {
  const cluster = new Cluster();
  const clock = clockAt();
  const options = { client: cluster.client, secret, clock };
  const [one, other] = [new CertificateRotator(options), new CertificateRotator(options)];
  await one.check();
  await other.check();
  clock.ms += 70 * 86_400_000;
  let first = true;
  const before = cluster.objects.get('Secret web-certificates')!;
  cluster.meanwhile = () => {
    if (!first) return;
    first = false;
    cluster.put({ ...before, data: { ...before.data, mine: 'eA==' } });
  };
  await one.check();
  await other.check();
  assert.equal(one.current.cert, other.current.cert);
  assert.notEqual(Buffer.from(before.data['tls.crt'], 'base64').toString(), one.current.cert);
  assert.equal(cluster.objects.get('Secret web-certificates')!.data.mine, 'eA==', 'what others keep there stays');
});

test('the CAs are written where they are missing, by a manager that owns nothing else', async () => {
  const cluster = new Cluster();
  cluster.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'web', uid: 'u1' },
    webhooks: [
      { name: 'a.example.com', clientConfig: { url: 'https://x' } },
      { name: 'b.example.com', clientConfig: {} },
    ],
  });
  const definition = (name: string, conversion: object) =>
    cluster.put({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name, uid: name },
      spec: { conversion },
    });
  definition('a', { strategy: 'Webhook', webhook: { clientConfig: { service: {} } } });
  definition('b', { strategy: 'None' });
  const rotator = new CertificateRotator({
    client: cluster.client,
    trust: [
      { kind: 'ValidatingWebhookConfiguration', name: 'web', webhooks: ['a.example.com'] },
      { kind: 'MutatingWebhookConfiguration', name: 'missing' },
      { kind: 'CustomResourceDefinition', name: 'a' },
      { kind: 'CustomResourceDefinition', name: 'b' },
    ],
  });
  await rotator.check();
  const caBundle = Buffer.from(rotator.caBundle).toString('base64');
  assert.deepEqual(cluster.applied, [
    {
      object: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'web', uid: 'u1' },
        webhooks: [{ name: 'a.example.com', clientConfig: { caBundle } }],
      },
      fieldManager: 'nekube-certificates',
    },
    {
      object: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'a', uid: 'a' },
        spec: { conversion: { webhook: { clientConfig: { caBundle } } } },
      },
      fieldManager: 'nekube-certificates',
    },
  ]);
});

test('a listener hears of each new certificate once', async () => {
  const clock = clockAt();
  const rotator = new CertificateRotator({ clock });
  const heard: string[] = [];
  rotator.subscribe(({ cert }) => heard.push(cert));
  assert.throws(() => rotator.current, /has no certificate yet/);
  await rotator.check();
  await rotator.check();
  assert.equal(heard.length, 0, 'the first one is there before anybody serves');
  clock.ms += 61 * 86_400_000;
  await rotator.check();
  await rotator.check();
  assert.deepEqual(heard, [rotator.current.cert]);
});

test('a Secret and trust need a client', () => {
  assert.throws(() => new CertificateRotator({ secret }), TypeError);
});
