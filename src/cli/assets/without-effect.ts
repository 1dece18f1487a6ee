import type { GateChoice } from './feature-gates.ts';
import type { FlagValues } from './flag-values.ts';

/** The flags that mean something to this server. */
const MEANT: ReadonlySet<string> = new Set([
  'admission-control-config-file',
  'anonymous-auth',
  'api-audiences',
  'audit-log-batch-buffer-size',
  'audit-log-compress',
  'audit-log-format',
  'audit-log-maxage',
  'audit-log-maxbackup',
  'audit-log-maxsize',
  'audit-log-mode',
  'audit-log-path',
  'audit-log-truncate-enabled',
  'audit-log-truncate-max-event-size',
  'audit-policy-file',
  'authentication-token-webhook-cache-ttl',
  'authentication-token-webhook-config-file',
  'authentication-token-webhook-version',
  'authorization-mode',
  'authorization-webhook-cache-authorized-ttl',
  'authorization-webhook-cache-unauthorized-ttl',
  'authorization-webhook-config-file',
  'authorization-webhook-version',
  'bind-address',
  'cert-dir',
  'client-ca-file',
  'disable-admission-plugins',
  'enable-admission-plugins',
  'enable-priority-and-fairness',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-compaction-interval',
  'etcd-keyfile',
  'etcd-prefix',
  'etcd-servers',
  'feature-gates',
  'max-mutating-requests-inflight',
  'max-requests-inflight',
  'request-timeout',
  'requestheader-allowed-names',
  'requestheader-client-ca-file',
  'requestheader-extra-headers-prefix',
  'requestheader-group-headers',
  'requestheader-uid-headers',
  'requestheader-username-headers',
  'runtime-config',
  'secure-port',
  'service-account-issuer',
  'service-account-jwks-uri',
  'service-account-key-file',
  'service-account-max-token-expiration',
  'service-account-signing-key-file',
  'service-cluster-ip-range',
  'tls-cert-file',
  'tls-private-key-file',
  'token-auth-file',
  'version',
]);

/** What is accepted and changes nothing here, as lines to be logged: nobody shall look for an effect in vain. */
export function withoutEffect(
  values: FlagValues,
  gates: readonly GateChoice[],
  versions: readonly { readonly key: string; readonly enabled: boolean }[],
): string[] {
  const line = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${what} accepted, without effect here: ${names.join(', ')}`];
  return [
    ...line(
      'Flags',
      values.given.filter((name) => !MEANT.has(name)).map((name) => `--${name}`),
    ),
    ...line(
      'Feature gates',
      gates.map(({ name, enabled }) => `${name}=${enabled}`),
    ),
    ...line(
      'Versions of --runtime-config',
      versions.map(({ key, enabled }) => `${key}=${enabled}`),
    ),
  ];
}
