import { syntaxProblem } from 'nekube/cel';
import { ciphersProblem } from '../model/tls-ciphers.ts';
import type { AccessLog, ClientSettings, DownstreamTls, Tracing } from '../model/index.ts';
import { aboveZero, checkedAlpn, checkedHeaders, checkedKeepalive } from './checks.ts';
import { formatProblem } from './log-format.ts';
import { type Findings, invalid, type PolicyOrigin, type PolicyReferences } from './references.ts';
import type { AccessLogSpec, ClientPolicySpec, TracingSpec } from './spec.ts';
import { given, ms } from './values.ts';

/** What a ClientPolicy comes to. */
export interface ClientPart {
  readonly settings: ClientSettings;
  /** Beside what the listener says. */
  readonly tls?: Pick<DownstreamTls, 'alpn' | 'minVersion' | 'maxVersion' | 'ciphers'>;
}

/** What a policy asks of listeners. What is wrong goes to `findings`, and is left out. */
export function compileClient(
  spec: ClientPolicySpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): ClientPart {
  const { timeouts, connection, tls } = spec;
  if (tls?.minVersion !== undefined && tls.maxVersion !== undefined && tls.minVersion > tls.maxVersion) {
    findings.take(invalid(`spec.tls: minVersion ${tls.minVersion} must not be above maxVersion ${tls.maxVersion}`));
  }
  const logs = (spec.accessLogs ?? []).flatMap((log, i) => {
    const problem = logProblem(log);
    if (problem === undefined) return accessLog(log, from, references, findings) ?? [];
    findings.take(invalid(`spec.accessLogs[${i}]${problem}`));
    return [];
  });
  const settings: ClientSettings = {
    http1: spec.http1,
    http2: spec.http2,
    http3: spec.http3?.enabled,
    proxyProtocol: spec.proxyProtocol,
    clientAddress: clientAddress(spec.clientAddress),
    idleTimeoutMs: ms(timeouts?.idle),
    requestHeadersTimeoutMs: ms(timeouts?.requestHeaders),
    requestTimeoutMs: ms(timeouts?.request),
    streamIdleTimeoutMs: ms(timeouts?.streamIdle),
    maxConnectionDurationMs: aboveZero(
      timeouts?.maxConnectionDuration,
      'spec.timeouts.maxConnectionDuration',
      findings,
    ),
    maxRequestHeadersBytes: spec.maxRequestHeadersBytes,
    connectionLimit:
      connection?.limit === undefined
        ? undefined
        : { connections: connection.limit, closeDelayMs: ms(connection.closeDelay) },
    bufferBytes: connection?.bufferBytes,
    tcpKeepalive: checkedKeepalive(spec.tcpKeepalive, findings),
    path: spec.path,
    requestHeaders: checkedHeaders(spec.requestHeaders, 'spec.requestHeaders', findings),
    accessLogs: logs.length > 0 ? logs : undefined,
    tracing: spec.tracing === undefined ? undefined : tracing(spec.tracing, from, references, findings),
    debugHeaders: spec.debugHeaders,
  };
  const tlsPart = tls && {
    alpn: checkedAlpn(tls.alpnProtocols, 'spec.tls.alpnProtocols', findings),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    ciphers: checkedCiphers(tls.ciphers, findings),
  };
  return { settings: given(settings) ?? {}, ...(tlsPart && { tls: given(tlsPart) }) };
}

function checkedCiphers(names: readonly string[] | undefined, findings: Findings): typeof names {
  const problem = names && ciphersProblem(names);
  if (problem === undefined) return names;
  findings.take(invalid(`spec.tls.ciphers: ${problem}`));
  return undefined;
}

const DEVICES = new Set(['/dev/stdout', '/dev/stderr', '/dev/null']);

/** Whoever may write policies would else write any file of the gateway's machine. */
function isLogPath(path: string): boolean {
  if (DEVICES.has(path)) return true;
  return /^\/var\/log\/[\w./-]+$/.test(path) && !path.split('/').includes('..') && !path.endsWith('/');
}

/** What is wrong with what a log says, with where in it. */
function logProblem({ path, text, json = {}, matches = [] }: AccessLogSpec): string | undefined {
  if (path !== undefined && !isLogPath(path))
    return '.path: must be /dev/stdout, /dev/stderr, /dev/null or a file below /var/log, since it is written with the rights of the gateway';
  const texts = [
    ['.text', text ?? ''],
    ...Object.entries(json).map(([key, value]) => [`.json[${key}]`, value]),
  ] as const;
  for (const [where, format] of texts as readonly (readonly [string, string])[]) {
    const problem = formatProblem(format);
    if (problem !== undefined) return `${where}: ${problem}`;
  }
  for (const [i, expression] of matches.entries()) {
    const problem = syntaxProblem(expression);
    if (problem !== undefined) return `.matches[${i}]: must be an expression of CEL: ${problem}`;
  }
  return undefined;
}

function clientAddress(spec: ClientPolicySpec['clientAddress']): ClientSettings['clientAddress'] {
  if (spec?.trustedHops !== undefined) return { trustedHops: spec.trustedHops };
  if (spec?.header === undefined) return undefined;
  return { header: spec.header.name.toLowerCase(), required: spec.header.required ?? false };
}

function accessLog(
  spec: AccessLogSpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): AccessLog | undefined {
  const format =
    spec.json !== undefined ? { json: spec.json } : spec.text === undefined ? undefined : { text: spec.text };
  const beside = { ...(format && { format }), ...(spec.matches && { matches: spec.matches }) };
  if (spec.type === 'File') return { sink: { type: 'File', path: spec.path! }, ...beside };
  const backend = findings.take(references.backend(spec.backendRef!, from, 'GRPC'));
  if (backend === undefined) return undefined;
  return {
    sink: { type: spec.type, backend, ...(spec.logName !== undefined && { logName: spec.logName }) },
    ...beside,
  };
}

function tracing(
  spec: TracingSpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): Tracing | undefined {
  const backend = findings.take(
    references.backend(spec.provider.backendRef, from, spec.provider.type === 'Zipkin' ? 'HTTP' : 'GRPC'),
  );
  if (backend === undefined) return undefined;
  const tags = Object.fromEntries(
    (spec.tags ?? []).map(({ name, literal, header, environment }) => [
      name,
      literal !== undefined ? { literal } : header !== undefined ? { header } : { environment: environment! },
    ]),
  );
  const serviceName = spec.provider.serviceName ?? `${from.namespace}/${from.name}`;
  return {
    provider: { type: spec.provider.type, backend, serviceName },
    samplingPercent: spec.samplingPercent ?? 100,
    ...(spec.tags && { tags }),
  };
}
