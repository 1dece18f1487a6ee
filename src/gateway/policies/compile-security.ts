import type {
  ApiKeyAuthentication,
  BasicAuthentication,
  CorsFilter,
  ExternalAuth,
  JwtAuthentication,
  JwtProvider,
  RouteSettings,
} from '../model/index.ts';
import { PrivateText } from '../model/private-text.ts';
import { isHeaderValue } from '../model/http-words.ts';
import { aboveZero, isForBackends, isKeySet } from './checks.ts';
import { type Findings, invalid, type PolicyOrigin, type PolicyReferences } from './references.ts';
import type { JwtProviderSpec, SecurityPolicySpec } from './spec.ts';
import { given } from './values.ts';

/** What a SecurityPolicy comes to. */
export interface SecurityPart {
  readonly cors?: CorsFilter;
  readonly externalAuth?: ExternalAuth;
  readonly settings?: Pick<RouteSettings, 'jwt' | 'basicAuth' | 'apiKeys' | 'authorization'>;
}

/** What everything that a compilation needs is handed on in. */
interface Context {
  readonly from: PolicyOrigin;
  readonly references: PolicyReferences;
  readonly findings: Findings;
}

/** What a policy asks about who may. If anything is wrong, nothing of it may count: what it protects must be closed instead. */
export function compileSecurity(
  spec: SecurityPolicySpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): SecurityPart {
  const context = { from, references, findings };
  const part: SecurityPart = {
    cors: cors(spec.cors),
    externalAuth: externalAuth(spec.externalAuth, context),
    settings: given({
      jwt: jwt(spec.jwt, context),
      basicAuth: basicAuth(spec.basicAuth, context),
      apiKeys: apiKeys(spec.apiKeys, context),
      authorization: authorization(spec, findings),
    }),
  };
  return given(part) ?? {};
}

function cors(spec: SecurityPolicySpec['cors']): CorsFilter | undefined {
  if (spec === undefined) return undefined;
  return {
    allowOrigins: spec.allowOrigins,
    ...(spec.allowCredentials !== undefined && { allowCredentials: spec.allowCredentials }),
    allowMethods: spec.allowMethods ?? ['GET', 'HEAD', 'POST'],
    allowHeaders: spec.allowHeaders ?? [],
    exposeHeaders: spec.exposeHeaders ?? [],
    maxAgeSeconds: spec.maxAge ?? 5,
  };
}

function externalAuth(spec: SecurityPolicySpec['externalAuth'], context: Context): ExternalAuth | undefined {
  if (spec === undefined) return undefined;
  const { protocol, backendRef, ...more } = spec;
  const backend = context.findings.take(context.references.backend(backendRef, context.from, protocol));
  return backend === undefined ? undefined : { backend, protocol, source: { ...context.from }, ...more };
}

function jwt(spec: SecurityPolicySpec['jwt'], context: Context): JwtAuthentication | undefined {
  if (spec === undefined) return undefined;
  const names = spec.providers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    context.findings.take(invalid(`spec.jwt.providers: ${JSON.stringify(twice)} must stand once`));
  const providers = spec.providers.flatMap((provider) => jwtProvider(provider, context) ?? []);
  return { ...(spec.optional && { optional: true }), providers };
}

function jwtProvider(spec: JwtProviderSpec, context: Context): JwtProvider | undefined {
  const keys = spec.localJWKS === undefined ? remoteKeys(spec, context) : localKeys(spec, context);
  if (keys === undefined) return undefined;
  const { name, issuer, audiences, from, claimToHeaders } = spec;
  for (const [i, { header }] of (claimToHeaders ?? []).entries())
    isForBackends(header, `spec.jwt.providers: claimToHeaders[${i}] of ${JSON.stringify(name)}`, context.findings);
  return { name, keys, ...given({ issuer, audiences, from, claimToHeaders }) };
}

function localKeys({ name, localJWKS }: JwtProviderSpec, context: Context): JwtProvider['keys'] | undefined {
  const { inline, configMapRef } = localJWKS!;
  const { references, findings, from } = context;
  const jwks =
    configMapRef === undefined ? inline! : findings.take(references.configMapKey(configMapRef, 'jwks', from));
  if (jwks === undefined) return undefined;
  if (isKeySet(jwks)) return { type: 'Local', jwks };
  findings.take(
    invalid(
      `spec.jwt.providers: the keys of ${JSON.stringify(name)} must be a JWKS with at least one key that tokens can be checked by`,
    ),
  );
  return undefined;
}

function remoteKeys({ name, remoteJWKS }: JwtProviderSpec, context: Context): JwtProvider['keys'] | undefined {
  const { uri, backendRef, cacheDuration } = remoteJWKS!;
  const { references, findings, from } = context;
  if (!URL.canParse(uri)) {
    findings.take(
      invalid(`spec.jwt.providers: the uri of ${JSON.stringify(name)} must be a URL, not ${JSON.stringify(uri)}`),
    );
    return undefined;
  }
  const { hostname, port, protocol } = new URL(uri);
  const tls = protocol === 'https:';
  const host = { name: hostname, port: port === '' ? (tls ? 443 : 80) : Number(port), tls };
  const backend =
    backendRef === undefined ? references.hostBackend(host) : findings.take(references.backend(backendRef, from));
  if (backend === undefined) return undefined;
  const cacheMs = aboveZero(cacheDuration, `spec.jwt.providers: cacheDuration of ${JSON.stringify(name)}`, findings);
  return { type: 'Remote', uri: new URL(uri).href, backend, ...(cacheMs !== undefined && { cacheMs }) };
}

function basicAuth(spec: SecurityPolicySpec['basicAuth'], context: Context): BasicAuthentication | undefined {
  if (spec === undefined) return undefined;
  const { references, findings, from } = context;
  const secret = findings.take(references.secret(spec.secretRef, from));
  isForBackends(spec.forwardUsernameHeader ?? '', 'spec.basicAuth.forwardUsernameHeader', findings);
  if (secret === undefined) return undefined;
  const users = secret.get('.htpasswd');
  const problem = users === undefined ? 'has no key .htpasswd' : htpasswdProblem(users);
  if (users === undefined || problem !== undefined) {
    findings.take(invalid(`spec.basicAuth.secretRef: Secret ${spec.secretRef.name} ${problem}`));
    return undefined;
  }
  return {
    users: new PrivateText(linesOf(users).join('\n')),
    ...(spec.forwardUsernameHeader !== undefined && {
      forwardUsernameHeader: spec.forwardUsernameHeader.toLowerCase(),
    }),
  };
}

/** What is wrong with lines of an htpasswd file; it names the line, and never what stands there. */
function htpasswdProblem(users: PrivateText): string | undefined {
  const lines = users.reveal().split(/\r?\n/);
  const wrong = lines.findIndex((line) => line !== '' && !/^[^:]+:\{SHA\}[A-Za-z0-9+/]{27}=$/.test(line));
  if (wrong !== -1) return `has in line ${wrong + 1} of .htpasswd no NAME:{SHA}HASH (htpasswd -s makes it)`;
  if (lines.every((line) => line === '')) return 'has no line in .htpasswd';
  const names = linesOf(users).map((line) => line.slice(0, line.indexOf(':')));
  const twice = lines.findIndex(
    (line, i) => line !== '' && lines.findIndex((one) => nameOf(one) === nameOf(line)) !== i,
  );
  return new Set(names).size === names.length
    ? undefined
    : `names in line ${twice + 1} of .htpasswd whom another line names`;
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':'));
}

/** Those that say something. */
function linesOf(text: PrivateText): string[] {
  return text
    .reveal()
    .split(/\r?\n/)
    .filter((line) => line !== '');
}

function apiKeys(spec: SecurityPolicySpec['apiKeys'], context: Context): ApiKeyAuthentication | undefined {
  if (spec === undefined) return undefined;
  const { references, findings, from } = context;
  isForBackends(spec.forwardClientIDHeader ?? '', 'spec.apiKeys.forwardClientIDHeader', findings);
  const keys: Record<string, PrivateText> = {};
  for (const ref of spec.secretRefs) {
    for (const [client, key] of findings.take(references.secret(ref, from)) ?? []) {
      const problem = keyProblem(client, key, keys);
      if (problem !== undefined) findings.take(invalid(`spec.apiKeys.secretRefs: ${problem}`));
      keys[client] = key;
    }
  }
  return {
    keys,
    from: spec.from.map(({ header, ...place }) => ({
      ...(header !== undefined && { header: header.toLowerCase() }),
      ...place,
    })),
    ...(spec.forwardClientIDHeader !== undefined && {
      forwardClientIdHeader: spec.forwardClientIDHeader.toLowerCase(),
    }),
    ...(spec.sanitize !== undefined && { sanitize: spec.sanitize }),
  };
}

/** What is wrong with a client's key; what it is, is not told. */
function keyProblem(client: string, key: PrivateText, keys: Readonly<Record<string, PrivateText>>): string | undefined {
  if (client in keys) return `the client ${client} must stand in one Secret alone`;
  if (!isHeaderValue(key.reveal()) || key.reveal() === '')
    return `the key of client ${client} must be a text without control characters`;
  const other = Object.keys(keys).find((one) => keys[one]!.equals(key));
  return other === undefined ? undefined : `the clients ${other} and ${client} must have different keys`;
}

function authorization(spec: SecurityPolicySpec, findings: Findings): RouteSettings['authorization'] {
  if (spec.authorization === undefined) return undefined;
  const providers = new Set(spec.jwt?.providers.map(({ name }) => name));
  const rules = (spec.authorization.rules ?? []).map(
    ({ name, action, clientCIDRs, methods, headers, jwt: token }, i) => {
      if (token !== undefined && !providers.has(token.provider)) {
        findings.take(
          invalid(
            `spec.authorization.rules[${i}].jwt.provider: ${JSON.stringify(token.provider)} must be in spec.jwt.providers`,
          ),
        );
      }
      const lower = headers?.map((header) => ({ ...header, name: header.name.toLowerCase() }));
      return {
        name: name ?? `rule ${i}`,
        action,
        ...given({ clientCidrs: clientCIDRs, methods, headers: lower, jwt: token }),
      };
    },
  );
  return { rules, defaultAction: spec.authorization.defaultAction ?? 'Deny' };
}
