import { X509Certificate } from 'node:crypto';
import { type KubeObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';
import type { FrontProxy } from '../authentication/client-certificates.ts';
import type { Resources } from '../registry/resources.ts';
import { changeObject, ensureObject, type SystemWriter } from '../system-objects.ts';

/** Where the servers of aggregated APIs read whom to trust. */
const PLACE = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

/** How a server tells users by certificates, and proxies that name them. */
export interface ClusterTrust {
  /** PEM. */
  readonly clientCa: string;
  readonly frontProxy: FrontProxy | undefined;
}

/** Tells the servers of aggregated APIs how this one authenticates, beside what other servers have told. */
export async function tellClusterTrust(
  deps: SystemWriter & { readonly resources: Resources },
  trust: ClusterTrust,
  now: Date,
): Promise<void> {
  const resource = deps.resources.builtin('', 'v1', 'configmaps');
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: PLACE, data: trustData({}, trust, now) };
  if (await ensureObject(deps, now, resource, object as KubeObject)) return;
  await changeObject(deps, now, resource, PLACE, (live) => {
    const data = trustData((live.data ?? {}) as Readonly<Record<string, string>>, trust, now);
    return jsonEqual(data as JsonValue, (live.data ?? {}) as JsonValue) ? undefined : { ...live, data };
  });
}

type Data = Readonly<Record<string, string>>;

/** What is told already, with what this server adds; certificates that have expired go, and what is none. */
export function trustData(known: Data, { clientCa, frontProxy }: ClusterTrust, now: Date): Record<string, string> {
  const list = (key: string, names: readonly string[]): Record<string, string> => ({
    [key]: JSON.stringify([...new Set([...listIn(known[key]), ...names])]),
  });
  const clients = bundleOf([known['client-ca-file'], clientCa], now);
  const proxies = bundleOf([known['requestheader-client-ca-file'], frontProxy?.ca], now);
  const uids = [...listIn(known['requestheader-uid-headers']), ...(frontProxy?.uidHeaders ?? [])];
  return {
    ...(clients !== '' && { 'client-ca-file': clients }),
    ...(proxies !== '' && {
      'requestheader-client-ca-file': proxies,
      ...list('requestheader-allowed-names', frontProxy?.allowedNames ?? []),
      ...list('requestheader-username-headers', frontProxy?.usernameHeaders ?? []),
      ...(uids.length > 0 && list('requestheader-uid-headers', uids)),
      ...list('requestheader-group-headers', frontProxy?.groupHeaders ?? []),
      ...list('requestheader-extra-headers-prefix', frontProxy?.extraHeaderPrefixes ?? []),
    }),
  };
}

function listIn(text = '[]'): readonly string[] {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value.map(String) : [];
  } catch {
    return [];
  }
}

/** The certificates of several texts, each once. */
function bundleOf(texts: readonly (string | undefined)[], now: Date): string {
  const blocks = texts.flatMap((text = '') => text.match(BLOCK) ?? []);
  const certificates = blocks.flatMap(certificateIn).filter(({ validTo }) => new Date(validTo) > now);
  return [...new Set(certificates.map(String))].join('');
}

/** Empty for a block that somebody has broken: no server could read the bundle with it. */
function certificateIn(block: string): readonly X509Certificate[] {
  try {
    return [new X509Certificate(block)];
  } catch {
    return [];
  }
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
