import { createPrivateKey, X509Certificate } from 'node:crypto';
import { PrivateText } from '../model/private-text.ts';
import type { Secret as ModelSecret } from '../model/index.ts';
import type { View } from './cluster.ts';
import { grantMissing, isGranted } from './grants.ts';
import type { ConfigMap, ObjectReference, Resource, Secret } from './resources.ts';

/** Who refers to a secret or bundle. */
export interface Referrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** What a reference to a certificate came to: the secret, or what is wrong with it. */
export type Resolved =
  | { readonly secret: ModelSecret }
  | { readonly problem: 'kind' | 'permission' | 'content'; readonly message: string };

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What was made of an object, as long as it is the same: parsing is the greater part of the work. */
const parsed = new WeakMap<object, ModelSecret | string>();

/** The certificate and key of a Secret that a listener, Gateway or backend names. */
export function certificateOf(view: View, from: Referrer, ref: ObjectReference): Resolved {
  const to = {
    group: ref.group ?? '',
    kind: ref.kind ?? 'Secret',
    namespace: ref.namespace ?? from.namespace,
    name: ref.name,
  };
  if (to.group !== '' || to.kind !== 'Secret') {
    return {
      problem: 'kind',
      message: `${describe(to)} cannot hold a certificate: name a Secret of type kubernetes.io/tls`,
    };
  }
  if (!isGranted(view, { from, to })) return { problem: 'permission', message: grantMissing({ from, to }) };
  const secret = view.secret(to.namespace, to.name);
  if (secret === undefined) {
    return {
      problem: 'content',
      message: `Secret ${to.namespace}/${to.name} does not exist: create it, or name another`,
    };
  }
  return told(
    secret,
    () => readCertificate(secret, `secret/${to.namespace}/${to.name}`),
    `Secret ${to.namespace}/${to.name}`,
  );
}

/** The authorities of a ConfigMap, Secret or ClusterTrustBundle that are trusted. */
export function authoritiesOf(view: View, from: Referrer, ref: ObjectReference): Resolved {
  const to = {
    group: ref.group ?? '',
    kind: ref.kind ?? 'ConfigMap',
    namespace: ref.namespace ?? from.namespace,
    name: ref.name,
  };
  const id = `${to.group}/${to.kind}`;
  if (id === 'certificates.k8s.io/ClusterTrustBundle' && view.supports('ClusterTrustBundle')) {
    return bundleOf(view, to.name);
  }
  if (id !== '/ConfigMap' && id !== '/Secret') {
    return { problem: 'kind', message: `${describe(to)} cannot hold authorities: name a ConfigMap with a key ca.crt` };
  }
  if (!isGranted(view, { from, to })) return { problem: 'permission', message: grantMissing({ from, to }) };
  const object = to.kind === 'Secret' ? view.secret(to.namespace, to.name) : view.configMap(to.namespace, to.name);
  const where = `${to.kind} ${to.namespace}/${to.name}`;
  if (object === undefined)
    return { problem: 'content', message: `${where} does not exist: create it, or name another` };
  const name = to.kind === 'Secret' ? `ca/${to.namespace}/${to.name}/secret` : `ca/${to.namespace}/${to.name}`;
  return told(object, () => readBundle(textOf(object, 'ca.crt'), name), where, 'ca');
}

function bundleOf(view: View, name: string): Resolved {
  const bundle = view.trustBundle(name) as { readonly spec?: { readonly trustBundle?: string } } | undefined;
  if (bundle === undefined) {
    return { problem: 'content', message: `ClusterTrustBundle ${name} does not exist: create it, or name another` };
  }
  return told(
    bundle,
    () => readBundle(bundle.spec?.trustBundle, `ca/cluster/${name}`),
    `ClusterTrustBundle ${name}`,
    'ca',
  );
}

/** A Secret is both a certificate and a bundle, so each has a memory of its own. */
const parsedBundles = new WeakMap<object, ModelSecret | string>();

function told(object: object, read: () => ModelSecret | string, where: string, as?: 'ca'): Resolved {
  const memory = as === 'ca' ? parsedBundles : parsed;
  let result = memory.get(object);
  if (result === undefined) memory.set(object, (result = read()));
  return typeof result === 'string' ? { problem: 'content', message: `${where} ${result}` } : { secret: result };
}

function readCertificate(secret: Secret, name: string): ModelSecret | string {
  const chain = textOf(secret, 'tls.crt');
  const key = textOf(secret, 'tls.key');
  if (chain === undefined || key === undefined) {
    return 'must have a certificate in tls.crt and its key in tls.key, as type kubernetes.io/tls has';
  }
  const blocks = chain.match(CERTIFICATES) ?? [];
  const first = readX509(blocks);
  if (typeof first === 'string') return `has no certificate in tls.crt: ${first}`;
  try {
    if (!first.checkPrivateKey(createPrivateKey(key)))
      return 'has a key in tls.key that is not of the certificate in tls.crt';
  } catch {
    return 'has no private key in tls.key: it must be PEM, not encrypted';
  }
  return { kind: 'certificate', name, chain, privateKey: new PrivateText(key) };
}

function readBundle(text: string | undefined, name: string): ModelSecret | string {
  if (text === undefined) return 'must have PEM certificates in a key ca.crt';
  const blocks = text.match(CERTIFICATES) ?? [];
  const first = readX509(blocks);
  if (typeof first === 'string') return `has no certificate: ${first}`;
  return { kind: 'ca', name, bundle: text };
}

/** Reads all; returns the first, or what is wrong. */
function readX509(blocks: readonly string[]): X509Certificate | string {
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return certificates[0] ?? 'it must be PEM that begins with -----BEGIN CERTIFICATE-----';
  } catch {
    return 'the PEM in it is damaged';
  }
}

function textOf(object: Secret | ConfigMap, key: string): string | undefined {
  const plain = (object as Secret).stringData?.[key];
  if (plain !== undefined) return plain;
  const text = (object as Resource & { data?: Readonly<Record<string, unknown>> }).data?.[key];
  if (typeof text !== 'string' || text === '') return undefined;
  return isConfigMap(object) ? text : Buffer.from(text, 'base64').toString('utf8');
}

/** By what it is said to be, or by PEM that stands there as it is. */
function isConfigMap(object: Resource & { readonly data?: Readonly<Record<string, unknown>> }): boolean {
  if (object.kind !== undefined) return object.kind === 'ConfigMap';
  return Object.values(object.data ?? {}).some((text) => String(text).includes('-----BEGIN'));
}

function describe({
  group,
  kind,
  name,
}: {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}): string {
  return `${group === '' ? kind : `${kind}.${group}`} ${name}`;
}
