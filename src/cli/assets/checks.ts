import { AUTHORIZATION_MODES, type PluginSelection, selectionProblems } from 'nekube/apiserver';
import type { FlagValues } from './flag-values.ts';
import { runtimeConfigProblems } from './runtime-config.ts';

const HOUR_MS = 3_600_000;
const FLOW_WORDS = 'can not be negative value';

/** Which plugins the flags name. */
export function pluginsOf(
  values: FlagValues,
): PluginSelection & { enable: readonly string[]; disable: readonly string[] } {
  const named = (name: string): string[] => values.list(name).filter((plugin) => plugin !== '');
  return { enable: named('enable-admission-plugins'), disable: named('disable-admission-plugins') };
}

/** Everything that is wrong with flags that were read, in the words of kube-apiserver and in its order. */
export function problemsOf(values: FlagValues, groupVersions: readonly string[]): string[] {
  return [
    ...genericProblems(values),
    ...etcdProblems(values),
    ...servingProblems(values),
    ...authenticationProblems(values),
    ...authorizationProblems(values),
    ...auditProblems(values),
    ...selectionProblems(pluginsOf(values)),
    ...runtimeConfigProblems(values.list('runtime-config'), groupVersions),
    ...tokenProblems(values),
    ...(values.number('apiserver-count', 1) <= 0
      ? [`--apiserver-count should be a positive number, but value '${values.number('apiserver-count', 1)}' provided`]
      : []),
  ];
}

function genericProblems(values: FlagValues): string[] {
  const goaway = values.number('goaway-chance', 0);
  const negative = (name: string, words = FLOW_WORDS): string[] =>
    values.number(name, 0) < 0 ? [`--${name} ${words}`] : [];
  return [
    ...negative('livez-grace-period', 'can not be a negative value'),
    ...negative('max-requests-inflight'),
    ...negative('max-mutating-requests-inflight'),
    ...negative('request-timeout'),
    ...(goaway < 0 || goaway > 0.02 ? ['--goaway-chance can not be less than 0 or greater than 0.02'] : []),
    ...negative('min-request-timeout'),
    ...negative('storage-initialization-timeout'),
    ...negative('shutdown-delay-duration'),
  ];
}

const MEDIA_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

function etcdProblems(values: FlagValues): string[] {
  const backend = values.text('storage-backend');
  const media = values.text('storage-media-type', MEDIA_TYPES[1]);
  const overrides = values.list('etcd-servers-overrides');
  return [
    ...(values.list('etcd-servers').length === 0 ? ['--etcd-servers must be specified'] : []),
    ...(backend !== '' && backend !== 'etcd3'
      ? ["--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'"]
      : []),
    ...overrides
      .filter((override) => !/^[^#]*\/[^#]*#[^#]+$/.test(override))
      .map(
        () =>
          '--etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated',
      ),
    ...(MEDIA_TYPES.includes(media)
      ? []
      : [`--storage-media-type ${JSON.stringify(media)} invalid, allowed values: ${MEDIA_TYPES.join(', ')}`]),
  ];
}

function servingProblems(values: FlagValues): string[] {
  const port = values.number('secure-port', 6443);
  if (port >= 1 && port <= 65_535) return [];
  return [`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`];
}

function authenticationProblems(values: FlagValues): string[] {
  const issuers = values.list('service-account-issuer');
  const keys = values.list('service-account-key-file');
  const jwks = values.text('service-account-jwks-uri');
  const oidc = values.given.filter((name) => name.startsWith('oidc-'));
  const isOidcWhole = values.text('oidc-issuer-url') !== '' && values.text('oidc-client-id') !== '';
  const uidHeaders = values.list('requestheader-uid-headers');
  return [
    ...(oidc.length > 0 && !isOidcWhole
      ? ['oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set']
      : []),
    ...(issuers.length === 0 ? ['service-account-issuer is a required flag'] : []),
    ...issuers.flatMap(issuerProblems),
    ...(keys.length === 0
      ? ['either `--service-account-key-file` or `--service-account-signing-endpoint` must be set']
      : []),
    ...(jwks !== '' && !jwks.startsWith('https://')
      ? [`service-account-jwks-uri requires https scheme, parsed as: ${jwks}`]
      : []),
    ...(uidHeaders.length > 0 && !uidHeaders.some((name) => name.toLowerCase() === 'x-remote-uid')
      ? [
          '--requestheader-uid-headers is set without specifying the standard X-Remote-Uid header - API aggregation will not work',
        ]
      : []),
  ];
}

function issuerProblems(issuer: string): string[] {
  if (issuer === '') return ['service-account-issuer should not be an empty string'];
  if (!issuer.includes(':') || URL.canParse(issuer)) return [];
  const port = /^[a-z]+:\/\/[^/]*(:[^/]*)/.exec(issuer)?.[1] ?? '';
  const why = `parse ${JSON.stringify(issuer)}: invalid port ${JSON.stringify(port)} after host`;
  return [`service-account-issuer ${JSON.stringify(issuer)} contained a ':' but was not a valid URL: ${why}`];
}

function authorizationProblems(values: FlagValues): string[] {
  const modes = values.list('authorization-mode');
  const known: readonly string[] = [...AUTHORIZATION_MODES, 'ABAC'];
  const missing = (mode: string, flag: string, words: string): string[] => {
    const has = values.text(flag) !== '';
    if (modes.includes(mode) && !has) return [words];
    return !modes.includes(mode) && has ? [`cannot specify --${flag} without mode ${mode}`] : [];
  };
  const shown = `[${modes.map((mode) => JSON.stringify(mode)).join(' ')}]`;
  return [
    ...modes
      .filter((mode) => !known.includes(mode))
      .map((mode) => `authorization-mode ${JSON.stringify(mode)} is not a valid mode`),
    ...missing('ABAC', 'authorization-policy-file', "authorization-mode ABAC's authorization policy file not passed"),
    ...missing(
      'Webhook',
      'authorization-webhook-config-file',
      "authorization-mode Webhook's authorization config file not passed",
    ),
    ...(new Set(modes).size < modes.length ? [`authorization-mode ${shown} has mode specified more than once`] : []),
  ];
}

const AUDIT_MODES = ['batch', 'blocking', 'blocking-strict'];
const AUDIT_FORMATS = ['legacy', 'json'];

/** Of a log that is written, since nothing else is looked at. */
function auditProblems(values: FlagValues): string[] {
  if (values.text('audit-policy-file') === '' || values.text('audit-log-path') === '') return [];
  const mode = values.text('audit-log-mode', 'blocking');
  const format = values.text('audit-log-format', 'json');
  const negative = (name: string): string[] =>
    values.number(name, 0) < 0 ? [`--${name} ${values.number(name, 0)} can't be a negative number`] : [];
  return [
    ...(AUDIT_MODES.includes(mode)
      ? []
      : [`invalid audit log mode ${mode}, allowed modes are ${JSON.stringify(AUDIT_MODES.join(','))}`]),
    ...(AUDIT_FORMATS.includes(format)
      ? []
      : [`invalid audit log format ${format}, allowed formats are ${JSON.stringify(AUDIT_FORMATS.join(','))}`]),
    ...negative('audit-log-maxage'),
    ...negative('audit-log-maxbackup'),
    ...negative('audit-log-maxsize'),
  ];
}

/** Tokens need a key and an issuer. */
function tokenProblems(values: FlagValues): string[] {
  const issuer = values.list('service-account-issuer')[0] ?? '';
  const key = values.text('service-account-signing-key-file');
  if (issuer === '' && key === '' && values.list('api-audiences').length === 0)
    return ['--service-account-signing-key-file and --service-account-issuer are required flags'];
  if (values.list('service-account-issuer').length > 0 && key !== '' && issuer !== '') return [];
  return [
    '--service-account-signing-key-file, --service-account-issuer, and --api-audiences should be specified together',
  ];
}

/** The first thing that is wrong before the rest is looked at. @throws Error with kube-apiserver's message */
export function checkFirst(values: FlagValues): void {
  const format = values.text('logging-format', 'text');
  if (format !== 'text' && format !== 'json')
    throw new Error(`format: Invalid value: ${JSON.stringify(format)}: Unsupported log format`);
  for (const [i, range] of values.text('service-cluster-ip-range').split(',').entries()) checkRange(range, i);
  for (const size of values.list('watch-cache-sizes')) checkCacheSize(size);
  const expiration = values.number('service-account-max-token-expiration', 0);
  const isSigning = values.text('service-account-signing-key-file') !== '' && values.has('service-account-issuer');
  if (isSigning && expiration !== 0 && (expiration < HOUR_MS || expiration > 2 ** 32 * 1000))
    throw new Error('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds');
}

function checkRange(range: string, at: number): void {
  if (range === '') return;
  const [, address = '', bits = ''] = /^([\d.]+|[\da-fA-F:.]+)\/(\d+)$/.exec(range) ?? [];
  const size = address.includes(':') ? 128 : 32;
  if (address === '' || Number(bits) > size)
    throw new Error(`service-cluster-ip-range[${at}] is not ${at === 0 ? 'a valid cidr' : 'an ip net'}`);
  if (size - Number(bits) < 3)
    throw new Error(
      `error determining service IP ranges for ${at === 0 ? 'primary' : 'secondary'} service cidr: the service cluster IP range must be at least 8 IP addresses`,
    );
}

function checkCacheSize(size: string): void {
  const parts = size.split('#');
  if (parts.length !== 2) throw new Error(`invalid value of watch cache size: ${size}`);
  if (!/^\d+$/.test(parts[1]!)) throw new Error(`invalid size of watch cache size: ${size}`);
}

/** A certificate is none without its key. @throws Error with kube-apiserver's message */
export function checkPair(values: FlagValues): void {
  const [cert, key] = [values.text('tls-cert-file'), values.text('tls-private-key-file')];
  if ((cert === '') !== (key === '')) throw new Error('missing filename for serving cert');
}
