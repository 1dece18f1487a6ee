import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';
import { bundleOf, type CertificateState } from './plan.ts';

/** Where certificates are kept, so that all replicas, and the next start, have the same. */
export interface CertificateStore {
  /** What is kept, and a mark of its version for `write`. Parts that are missing make the state undefined. */
  read(): Promise<{ readonly state?: CertificateState; readonly version?: KubeObject }>;
  /** Whether it was written: false if somebody else wrote since it was read. */
  write(state: CertificateState, version: KubeObject | undefined): Promise<boolean>;
}

/** Keeps certificates in this process alone. */
export function memoryStore(): CertificateStore {
  let state: CertificateState | undefined;
  return {
    read: async () => ({ ...(state && { state }) }),
    write: async (next) => {
      state = next;
      return true;
    },
  };
}

interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

const SECRET: Kind<Secret> = { apiVersion: 'v1', kind: 'Secret' };

/**
 * Keeps certificates in a Secret of type `kubernetes.io/tls`, which may be mounted: `tls.crt` and `tls.key` are what a
 * server shows, `ca.crt` is what to trust. Two who write at once do not overwrite each other: the later one is told.
 */
export function secretStore(client: Client, key: ObjectKey): CertificateStore {
  return {
    async read() {
      try {
        const secret = await client.get(SECRET, key);
        const state = stateOf(secret);
        return { version: secret, ...(state && { state }) };
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return {};
        throw error;
      }
    },
    async write(state, version) {
      const data = { ...(version as Secret | undefined)?.data, ...dataOf(state) };
      for (const name of OPTIONAL) if (!(name in dataOf(state))) delete data[name];
      try {
        if (version !== undefined) await client.update<Secret>({ ...version, data });
        else await client.create<Secret>({ ...SECRET, metadata: { ...key }, type: 'kubernetes.io/tls', data });
        return true;
      } catch (error) {
        if (
          isStatusError(error, 'Conflict') ||
          isStatusError(error, 'AlreadyExists') ||
          isStatusError(error, 'NotFound')
        )
          return false;
        throw error;
      }
    },
  };
}

const OPTIONAL = ['next-ca.crt', 'next-ca.key', 'former-ca.crt'];

function dataOf(state: CertificateState): Record<string, string> {
  const { ca, next, former, leaf } = state;
  const texts: Record<string, string | undefined> = {
    'tls.crt': leaf.cert,
    'tls.key': leaf.key,
    'ca.crt': bundleOf(state),
    'signing-ca.crt': ca.cert,
    'signing-ca.key': ca.key,
    'next-ca.crt': next?.cert,
    'next-ca.key': next?.key,
    'former-ca.crt': former,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, Buffer.from(text).toString('base64')]],
    ),
  );
}

function stateOf({ data = {} }: Secret): CertificateState | undefined {
  const text = (name: string): string | undefined =>
    data[name] === undefined ? undefined : Buffer.from(data[name], 'base64').toString();
  const pair = (cert: string | undefined, key: string | undefined) => (cert && key ? { cert, key } : undefined);
  const ca = pair(text('signing-ca.crt'), text('signing-ca.key'));
  const leaf = pair(text('tls.crt'), text('tls.key'));
  const next = pair(text('next-ca.crt'), text('next-ca.key'));
  const former = text('former-ca.crt');
  return ca && leaf && { ca, leaf, ...(next && { next }), ...(former !== undefined && { former }) };
}
