import { type ServiceReference, type WebhookClientConfig, webhookService, webhookUrl } from 'nekube/apimachinery';

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

/** The target of a `clientConfig`. @throws Error with kube-apiserver's text for one that cannot be used */
export function targetOf(config: WebhookClientConfig): WebhookTarget {
  const ca = bundleOf(config.caBundle ?? '');
  const service = webhookService(config);
  return { url: webhookUrl(config), ...(service && { service }), ...ca };
}

function bundleOf(base64: string): { readonly ca?: string } {
  if (base64 === '') return {};
  const ca = Buffer.from(base64, 'base64').toString('latin1');
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error('unable to load root certificates: unable to parse bytes as PEM block');
  return { ca };
}
