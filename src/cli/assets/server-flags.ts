import type { AccessFlags } from '../access-flags.ts';
import type { AdmissionFlags } from '../admission-flags.ts';
import type { AuditFlags } from '../audit-flags.ts';
import type { EtcdFlags } from '../etcd-flags.ts';
import type { RequestFlags } from '../request-flags.ts';
import { pluginsOf } from './checks.ts';
import type { FlagValues } from './flag-values.ts';

/**
 * The flags of kube-apiserver as `nekube up` has them, with kube-apiserver's defaults where they differ. What they mean
 * to a server is told by what `nekube up` uses, too: access-options.ts and the like.
 */
export function serverFlags(values: FlagValues): AccessFlags & AdmissionFlags & AuditFlags & EtcdFlags & RequestFlags {
  return {
    ...accessFlags(values),
    ...admissionFlags(values),
    ...auditFlags(values),
    ...etcdFlags(values),
    maxRequestsInflight: values.number('max-requests-inflight', 400),
    maxMutatingRequestsInflight: values.number('max-mutating-requests-inflight', 200),
    enablePriorityAndFairness: values.bool('enable-priority-and-fairness', true),
    requestTimeout: values.number('request-timeout', 60_000) || 60_000,
  };
}

/** The modes of authorization; without any, everything is allowed. */
export function authorizationModes(values: FlagValues): readonly string[] {
  const modes = values.list('authorization-mode');
  return modes.length > 0 ? modes : ['AlwaysAllow'];
}

const HEADERS = { user: 'x-remote-user', group: 'x-remote-group', extra: 'x-remote-extra-' };

function accessFlags(values: FlagValues): AccessFlags {
  const optional = <K extends string>(key: K, name: string): { [P in K]?: string } =>
    (values.file(name) === undefined ? {} : { [key]: values.file(name) }) as { [P in K]?: string };
  const version = (name: string): 'v1' | 'v1beta1' => (values.text(name) === 'v1' ? 'v1' : 'v1beta1');
  const modes = authorizationModes(values);
  return {
    // who may do everything is somebody
    anonymousAuth: values.bool('anonymous-auth', true) && !modes.includes('AlwaysAllow'),
    ...optional('tokenAuthFile', 'token-auth-file'),
    ...optional('clientCaFile', 'client-ca-file'),
    ...optional('authenticationTokenWebhookConfigFile', 'authentication-token-webhook-config-file'),
    authenticationTokenWebhookVersion: version('authentication-token-webhook-version'),
    authenticationTokenWebhookCacheTtl: values.number('authentication-token-webhook-cache-ttl', 120_000),
    authorizationMode: modes.join(','),
    ...optional('authorizationWebhookConfigFile', 'authorization-webhook-config-file'),
    authorizationWebhookVersion: version('authorization-webhook-version'),
    authorizationWebhookCacheAuthorizedTtl: values.number('authorization-webhook-cache-authorized-ttl', 300_000),
    authorizationWebhookCacheUnauthorizedTtl: values.number('authorization-webhook-cache-unauthorized-ttl', 30_000),
    serviceAccountIssuer: values.list('service-account-issuer'),
    ...(values.list('api-audiences').length > 0 && { apiAudiences: values.list('api-audiences') }),
    serviceAccountKeyFile: values.list('service-account-key-file'),
    ...optional('serviceAccountSigningKeyFile', 'service-account-signing-key-file'),
    serviceAccountMaxTokenExpiration: values.number('service-account-max-token-expiration', 0),
    ...optional('serviceAccountJwksUri', 'service-account-jwks-uri'),
    // kube-controller-manager has them
    signers: 'none',
    clusterSigningDuration: 0,
    ...optional('requestheaderClientCaFile', 'requestheader-client-ca-file'),
    requestheaderAllowedNames: values.list('requestheader-allowed-names'),
    requestheaderUsernameHeaders: values.list('requestheader-username-headers', [HEADERS.user]),
    requestheaderUidHeaders: values.list('requestheader-uid-headers'),
    requestheaderGroupHeaders: values.list('requestheader-group-headers', [HEADERS.group]),
    requestheaderExtraHeadersPrefix: values.list('requestheader-extra-headers-prefix', [HEADERS.extra]),
    ...optional('proxyClientCertFile', 'proxy-client-cert-file'),
    ...optional('proxyClientKeyFile', 'proxy-client-key-file'),
    enableAggregatorRouting: values.bool('enable-aggregator-routing', false),
  };
}

/** ServiceAccount, which `nekube up` has to be asked for, is on. */
function admissionFlags(values: FlagValues): AdmissionFlags {
  const { enable, disable } = pluginsOf(values);
  const isOff = disable.includes('ServiceAccount') || enable.includes('ServiceAccount');
  const file = values.file('admission-control-config-file');
  return {
    enableAdmissionPlugins: [...enable, ...(isOff ? [] : ['ServiceAccount'])].join(','),
    disableAdmissionPlugins: disable.join(','),
    ...(file !== undefined && { admissionControlConfigFile: file }),
    policyStatus: 'none',
  };
}

function auditFlags(values: FlagValues): AuditFlags {
  const policy = values.file('audit-policy-file');
  const path = values.file('audit-log-path');
  return {
    ...(policy !== undefined && { auditPolicyFile: policy }),
    ...(path !== undefined && { auditLogPath: path }),
    auditLogMaxsize: values.number('audit-log-maxsize', 100),
    auditLogMaxage: values.number('audit-log-maxage', 366),
    auditLogMaxbackup: values.number('audit-log-maxbackup', 100),
    ...(values.bool('audit-log-compress', false) && { auditLogCompress: true }),
    auditLogFormat: values.text('audit-log-format', 'json') as 'json' | 'legacy',
    auditLogMode: values.text('audit-log-mode', 'blocking') as 'batch' | 'blocking' | 'blocking-strict',
    auditLogBatchBufferSize: values.number('audit-log-batch-buffer-size', 10_000),
    ...(values.bool('audit-log-truncate-enabled', false) && { auditLogTruncateEnabled: true }),
    auditLogTruncateMaxEventSize: values.number('audit-log-truncate-max-event-size', 102_400),
  };
}

function etcdFlags(values: FlagValues): EtcdFlags {
  const cafile = values.file('etcd-cafile');
  const certfile = values.file('etcd-certfile');
  const keyfile = values.file('etcd-keyfile');
  return {
    etcdPrefix: values.text('etcd-prefix', '/registry').replace(/^\/*/, '/'),
    ...(cafile !== undefined && { etcdCafile: cafile }),
    ...(certfile !== undefined && { etcdCertfile: certfile }),
    ...(keyfile !== undefined && { etcdKeyfile: keyfile }),
    etcdCompactionInterval: `${Math.round(values.number('etcd-compaction-interval', 300_000) / 1000)}s`,
    certDir: values.text('cert-dir', '/var/run/kubernetes'),
  };
}
