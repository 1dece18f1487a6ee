import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { StartError } from '../agent/start-error.ts';

/** A ConfigMap, of which `binaryData` is in base64. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** A Secret, whose values are in base64. */
export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const KINDS: { readonly configmap: Kind<ConfigMap>; readonly secret: Kind<Secret> } = {
  configmap: { apiVersion: 'v1', kind: 'ConfigMap' },
  secret: { apiVersion: 'v1', kind: 'Secret' },
};

/** The values of a ConfigMap or Secret, as bytes; undefined: there is none, and it is optional. */
export async function valuesOf(
  client: Client,
  kind: 'configmap' | 'secret',
  {
    namespace,
    name = '',
    optional = false,
  }: { namespace: string; name?: string | undefined; optional?: boolean | undefined },
): Promise<ReadonlyMap<string, Buffer> | undefined> {
  try {
    const object: ConfigMap & Secret = await client.get(KINDS[kind] as Kind<ConfigMap & Secret>, { namespace, name });
    const { data = {}, binaryData = {} } = object;
    const encoding = kind === 'secret' ? 'base64' : 'utf8';
    return new Map([
      ...Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)] as const),
      ...Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
    ]);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const isAbsent = error.status.reason === 'NotFound';
    if (optional && isAbsent) return undefined;
    const message = isAbsent ? `${kind} ${JSON.stringify(name)} not found` : error.message;
    throw new StartError('CreateContainerConfigError', message);
  }
}
