import { goQuote } from './field-error.ts';

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

/** A port of a service. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The service that a `clientConfig` names; undefined: it has a URL. */
export function webhookService({ service }: WebhookClientConfig): ServiceReference | undefined {
  if (service === undefined) return undefined;
  const { namespace, name, port = 443 } = service;
  return { namespace, name, port };
}

/** Whether two are the same port of the same service. */
export function isSameService(one: ServiceReference, other: ServiceReference): boolean {
  return one.namespace === other.namespace && one.name === other.name && one.port === other.port;
}

/**
 * Where a `clientConfig` is called, without a query: of a service `https://NAME.NAMESPACE.svc:PORT/PATH`.
 *
 * @throws Error with kube-apiserver's text for one that cannot be called
 */
export function webhookUrl(config: WebhookClientConfig): string {
  const service = webhookService(config);
  if (service !== undefined)
    return `https://${service.name}.${service.namespace}.svc:${service.port}${cleanPath(config.service?.path ?? '')}`;
  if (!config.url) throw new Error('webhook configuration must have either service or URL');
  // the port stays as it is spelled, also where it is the scheme's own
  const found = /^(https?:\/\/[^/?#]*)([^?#]*)/.exec(config.url);
  if (found === null || !URL.canParse(config.url))
    throw new Error(`Unparsable URL: parse ${goQuote(config.url)}: invalid URI`);
  return `${found[1]}${cleanPath(found[2]!)}`;
}

/** A path with one slash where there were several and none at its end, and without `.` and `..`, as the real server's client joins it. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
