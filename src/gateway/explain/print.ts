import type {
  BackendFilters,
  Forward,
  HeaderChange,
  HttpMatch,
  HttpRoute,
  Mirror,
  Rewrite,
  Source,
} from '../model/index.ts';
import { headerWords } from './header-words.ts';
import type { Answer, Explanation, GatewayExplanation, Target } from './explanation.ts';

/** How much of what was not chosen is told where not all of it is asked for. */
const FEW = 10;

/** An explanation for people to read. */
export function printExplanation(explanation: Explanation, options: { readonly all?: boolean } = {}): string {
  const { request, gateways, unreachable } = explanation;
  const url = `${request.scheme}://${request.host}:${request.port}${request.path}${request.query === '' ? '' : `?${request.query}`}`;
  const head = `${request.method} ${url}\n`;
  if (unreachable !== undefined) return `${head}\nNot served: ${unreachable}\n`;
  return `${head}${gateways.map((gateway) => printGateway(gateway, options)).join('')}`;
}

function printGateway(
  { gateway, steps, answer, others }: GatewayExplanation,
  { all = false }: { all?: boolean },
): string {
  const width = Math.max(...steps.map(({ what }) => what.length));
  const way = steps.map(({ what, name, because }) => `  ${what.padEnd(width)}  ${name}: ${because}`);
  const lines = [`\nGateway ${gateway}`, ...way, ...answerLines(answer).map((line) => `  ${line}`)];
  const told = all ? others : others.slice(0, FEW);
  if (told.length > 0) lines.push('', '  Not chosen:');
  for (const { what, name, because } of told) lines.push(`    ${what} ${name}: ${because}`);
  if (told.length < others.length) lines.push(`    … and ${others.length - told.length} more (--all shows them)`);
  return `${lines.join('\n')}\n`;
}

function answerLines(answer: Answer): string[] {
  switch (answer.type) {
    case 'closed':
      return [`→ the connection is closed: ${answer.because}`];
    case 'unrouted': {
      const { statusCode, location, because } = answer;
      return [`→ ${statusCode}${location === undefined ? '' : ` to ${location}`}: ${because}`];
    }
    case 'not-found':
      return [`→ 404: ${answer.because}`];
    case 'direct':
      return [`→ ${answer.action.statusCode}, without a backend`, ...matchLines(answer.route)];
    case 'redirect':
      return [`→ ${answer.action.statusCode} to ${answer.location}`, ...matchLines(answer.route)];
    case 'stream':
      return [`→ ${nameOf(answer.source)} has the connection`, ...targetLines(answer.targets)];
    case 'forward':
      return forwardLines(answer.route, answer.action, answer.targets);
  }
}

function forwardLines(route: HttpRoute, action: Forward, targets: readonly Target[]): string[] {
  const none = targets.every(({ share }) => share === 0) ? ['→ 500: there is no backend to choose'] : [];
  return [
    ...none,
    ...matchLines(route),
    ...filterLines(route),
    ...optionLines(action),
    ...targetLines(targets, action),
  ];
}

function matchLines({ source, match }: HttpRoute): string[] {
  return [`${nameOf(source)} has it: ${printMatch(match)}`];
}

/** A match in a few words: `PathPrefix /api, GET, header x-user=me`. */
export function printMatch({ path, method, headers, queryParams, grpc }: HttpMatch): string {
  const values = (what: string, list: HttpMatch['headers']): string[] =>
    list.map(({ name, type, value }) => `${what} ${name}${type === 'Exact' ? '=' : '~'}${value}`);
  const parts = [`${path.type} ${path.value}`, ...(method === undefined ? [] : [method])];
  return [...parts, ...values('header', headers), ...values('query', queryParams), ...(grpc ? ['gRPC'] : [])].join(
    ', ',
  );
}

function filterLines({ requestHeaders, responseHeaders, cors, externalAuth, mirrors }: HttpRoute): string[] {
  return [
    ...headerLines('request', requestHeaders),
    ...headerLines('response', responseHeaders),
    ...(cors === undefined ? [] : [`cross-origin requests of ${cors.allowOrigins.join(', ')} are allowed`]),
    ...(externalAuth === undefined ? [] : [`${nameOf(externalAuth.source)} is asked first whether it may`]),
    ...(mirrors ?? []).map(mirrorLine),
  ];
}

function headerLines(what: string, change: HeaderChange | undefined): string[] {
  const words = headerWords(change);
  return words === '' ? [] : [`${what} headers: ${words}`];
}

function mirrorLine({ source, fraction }: Mirror): string {
  const part = fraction === undefined ? 'each' : `${fraction.numerator} of ${fraction.denominator}`;
  return `a copy of ${part} goes to ${nameOf(source)}`;
}

function optionLines({ rewrite, requestTimeoutMs, backendTimeoutMs, retry, sessionPersistence }: Forward): string[] {
  return [
    ...rewriteLines(rewrite),
    ...(requestTimeoutMs ? [`504 after ${requestTimeoutMs} ms in all`] : []),
    ...(backendTimeoutMs ? [`an attempt has ${backendTimeoutMs} ms`] : []),
    ...(retry === undefined ? [] : [`${retry.attempts} further attempts after ${retryCauses(retry)}`]),
    ...(sessionPersistence === undefined
      ? []
      : [`sessions by the ${sessionPersistence.type.toLowerCase()} ${sessionPersistence.name}`]),
  ];
}

function retryCauses(retry: NonNullable<Forward['retry']>): string {
  const causes = [
    ...(retry.codes.length > 0 ? [retry.codes.join(', ')] : []),
    ...(retry.connectionErrors ? ['errors of the connection'] : []),
    ...(retry.backendTimeouts ? ['a time-out of an attempt'] : []),
  ];
  return causes.join(' or ') || 'nothing';
}

function rewriteLines(rewrite: Rewrite | undefined): string[] {
  if (rewrite === undefined) return [];
  const { hostname, path } = rewrite;
  const replaced = path?.type === 'ReplaceFullPath' ? 'the path' : 'the prefix that matched';
  return [
    ...(hostname === undefined ? [] : [`the host becomes ${hostname}`]),
    ...(path === undefined ? [] : [`${replaced} becomes ${path.value || '/'}`]),
  ];
}

function targetLines(targets: readonly Target[], action?: Forward): string[] {
  return targets.flatMap((target, i) => {
    const share = targets.length === 1 ? '' : ` (${Math.round(target.share * 1000) / 10} %)`;
    const filters = action?.backends[i]?.filters;
    return [
      `→ ${target.backend ?? nameOf(target.source)}${share}: ${endpointsOf(target)}`,
      ...backendFilterLines(filters).map((line) => `    ${line}`),
    ];
  });
}

function endpointsOf({ endpoints, instead }: Target): string {
  if (instead !== undefined) return instead;
  const shown = endpoints.slice(0, FEW).map(({ address, port, state }) => {
    const host = address.includes(':') ? `[${address}]` : address;
    return `${host}:${port}${state === 'draining' ? ' (draining)' : ''}`;
  });
  if (shown.length < endpoints.length) shown.push(`… ${endpoints.length} in all`);
  return shown.join(', ') || 'resolved by name';
}

function backendFilterLines(filters: BackendFilters | undefined): string[] {
  if (filters === undefined) return [];
  const { requestHeaders, responseHeaders, rewrite, mirrors, redirect } = filters;
  return [
    ...headerLines('request', requestHeaders),
    ...headerLines('response', responseHeaders),
    ...rewriteLines(rewrite),
    ...(mirrors ?? []).map(mirrorLine),
    ...(redirect === undefined ? [] : [`the client is sent elsewhere instead, by ${redirect.statusCode}`]),
  ];
}

/** A source as in `HTTPRoute default/shop rule 1`. */
export function nameOf({ kind, namespace, name, sectionName, rule, match }: Source): string {
  const parts = [`${kind} ${namespace}/${name}`];
  if (sectionName !== undefined) parts.push(sectionName);
  if (rule !== undefined) parts.push(`rule ${rule}`);
  if (match !== undefined) parts.push(`match ${match}`);
  return parts.join(' ');
}
