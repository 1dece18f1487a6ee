import { posix } from 'node:path';
import { goQuote } from 'nekube/apimachinery';

/** Where a webhook is, as configurations and definitions say it (`clientConfig`). */
export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    /** Default 443. */
    readonly port?: number;
  };
  /** PEM in base64, as it stands in the object: the CA of the server, or its own certificate. */
  readonly caBundle?: string;
}

/** Who calls, where the other side wants to know; from a kubeconfig. */
export interface WebhookCredentials {
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Where a call goes, and whom it trusts. */
export interface WebhookTarget {
  /** `https://HOST[:PORT]/PATH`, without a query. */
  readonly url: string;
  /** The service that the host stands for; its address is looked up when a connection is made. */
  readonly service?: ServiceReference;
  /** PEM; undefined for the machine's own authorities. */
  readonly ca?: string;
  /** The name that the certificate must have; default the host. */
  readonly serverName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly credentials?: WebhookCredentials;
}

/** A port of a service. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The target of a `clientConfig`. @throws Error with kube-apiserver's text for one that cannot be used */
export function targetOf(config: WebhookClientConfig): WebhookTarget {
  const ca = bundleOf(config.caBundle ?? '');
  if (config.service !== undefined) {
    const { namespace, name, path = '', port = 443 } = config.service;
    const url = `https://${name}.${namespace}.svc:${port}${cleanPath(path)}`;
    return { url, service: { namespace, name, port }, ...ca };
  }
  if (!config.url) throw new Error('webhook configuration must have either service or URL');
  const { origin, pathname } = parseUrl(config.url);
  return { url: `${origin}${cleanPath(pathname)}`, ...ca };
}

function parseUrl(text: string): { readonly origin: string; readonly pathname: string } {
  // the port stays as it is spelled, also where it is the scheme's own
  const found = /^(https?:\/\/[^/?#]*)([^?#]*)/.exec(text);
  if (found === null || !URL.canParse(text)) throw new Error(`Unparsable URL: parse ${goQuote(text)}: invalid URI`);
  return { origin: found[1]!, pathname: found[2]! };
}

/** A path with one slash where there were several and none at its end, as the real server's client joins it. */
function cleanPath(path: string): string {
  const joined = posix.join('/', path);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

function bundleOf(base64: string): { readonly ca?: string } {
  if (base64 === '') return {};
  const ca = Buffer.from(base64, 'base64').toString('latin1');
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error('unable to load root certificates: unable to parse bytes as PEM block');
  return { ca };
}
