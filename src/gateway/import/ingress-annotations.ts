import type { Source } from '../model/index.ts';
import type { Reading } from './reading.ts';
import type { Collector } from './result.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

/** Annotations that are not about traffic. */
const OTHERS =
  /^(kubectl\.kubernetes\.io|meta\.helm\.sh|helm\.sh|argocd\.argoproj\.io|cert-manager\.io|external-dns\.alpha\.kubernetes\.io|app\.kubernetes\.io)\//;

const KNOWN = {
  canary: 'canary',
  sslRedirect: 'ssl-redirect',
  forceSslRedirect: 'force-ssl-redirect',
  serverAlias: 'server-alias',
  rewriteTarget: 'rewrite-target',
  useRegex: 'use-regex',
  appRoot: 'app-root',
  upstreamVhost: 'upstream-vhost',
  permanentRedirect: 'permanent-redirect',
  permanentRedirectCode: 'permanent-redirect-code',
  temporalRedirect: 'temporal-redirect',
  enableCors: 'enable-cors',
  corsAllowOrigin: 'cors-allow-origin',
  corsAllowMethods: 'cors-allow-methods',
  corsAllowHeaders: 'cors-allow-headers',
  corsExposeHeaders: 'cors-expose-headers',
  corsAllowCredentials: 'cors-allow-credentials',
  corsMaxAge: 'cors-max-age',
  connectTimeout: 'proxy-connect-timeout',
  readTimeout: 'proxy-read-timeout',
  sendTimeout: 'proxy-send-timeout',
  bodySize: 'proxy-body-size',
  limitRps: 'limit-rps',
  limitRpm: 'limit-rpm',
  allowRange: 'whitelist-source-range',
  allowlistRange: 'allowlist-source-range',
  denyRange: 'denylist-source-range',
  authType: 'auth-type',
  authSecret: 'auth-secret',
  authRealm: 'auth-realm',
  affinity: 'affinity',
  cookieName: 'session-cookie-name',
  cookieMaxAge: 'session-cookie-max-age',
  hashBy: 'upstream-hash-by',
  loadBalance: 'load-balance',
} as const;

/** Their names, without what is before the slash. */
export const INGRESS_ANNOTATIONS: readonly string[] = Object.values(KNOWN);

/** The annotations of ingress-nginx that are understood, to be read where they count. */
export type IngressAnnotations = Readonly<Record<keyof typeof KNOWN, Reading>>;

/** Finds them; nothing counts as read yet. */
export function readAnnotations(annotations: Reading): IngressAnnotations {
  return Object.fromEntries(
    Object.entries(KNOWN).map(([key, name]) => [key, annotations.at(`${NGINX}${name}`)]),
  ) as unknown as IngressAnnotations;
}

/** Tells of all annotations about traffic that nobody read. */
export function tellUnread(annotations: Reading, source: Source, collector: Collector): void {
  for (const name of annotations.names()) {
    if (OTHERS.test(name) || annotations.at(name).unread().length === 0) continue;
    collector.find(source, `metadata.annotations[${name}]`, 'dropped', adviceFor(name));
  }
}

function adviceFor(name: string): string {
  if (/snippet/.test(name))
    return 'lines of a configuration of nginx have no equivalent: say what they do by filters or a policy';
  if (/backend-protocol|proxy-ssl/.test(name)) {
    return 'say by appProtocol of the Service (kubernetes.io/h2c) and a BackendTLSPolicy what a backend speaks';
  }
  if (/auth-url|auth-signin/.test(name)) return 'use externalAuth of a SecurityPolicy, with the Service behind the URL';
  if (/auth-tls/.test(name)) return 'use spec.tls.frontend of the Gateway';
  return 'this annotation has no equivalent that is known';
}
