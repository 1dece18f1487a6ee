import type { HttpMatch, PathMatch, ValueMatch } from '../model/index.ts';
import { closedExpression, expressionProblem as problemOf, grpcExpression } from '../model/expressions.ts';
import { isHeaderName, isHeaderValue } from './checks.ts';
import type { GRPCRouteMatch, HTTPRouteMatch, ValueMatchSpec } from './resources.ts';

/** A match, or what is wrong with it. */
export type ReadMatch = { readonly match: HttpMatch; readonly rank: readonly number[] } | { readonly problem: string };

/** Longer expressions are refused: what they compile to would be. */
const MAX_EXPRESSION = 1024;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** Of a route of HTTP; absent matches mean everything. */
export function readHttpMatch(spec: HTTPRouteMatch): ReadMatch {
  const path = readPath(spec.path);
  if (typeof path === 'string') return { problem: path };
  const headers = readValues(spec.headers, 'headers', (name) => name.toLowerCase());
  if (typeof headers === 'string') return { problem: headers };
  const queryParams = readValues(spec.queryParams, 'queryParams', (name) => name);
  if (typeof queryParams === 'string') return { problem: queryParams };
  if (spec.method !== undefined && !METHODS.has(spec.method)) return { problem: `method ${spec.method} is not known` };
  const { method } = spec;
  const match = method === undefined ? { path, headers, queryParams } : { path, method, headers, queryParams };
  return { match, rank: httpRank(match) };
}

const PATH_RANKS = { Exact: 2, RegularExpression: 1, PathPrefix: 0 };

/** Exact paths first, then expressions, then prefixes; long ones first; then those with a method, more headers, more parameters. */
function httpRank({ path, method, headers, queryParams }: HttpMatch): number[] {
  return [
    0,
    PATH_RANKS[path.type],
    path.value.length,
    method === undefined ? 0 : 1,
    headers.length,
    queryParams.length,
  ];
}

function readPath({ type = 'PathPrefix', value = '/' }: NonNullable<HTTPRouteMatch['path']> = {}): PathMatch | string {
  if (type === 'RegularExpression') {
    return expressionProblem('path.value', value) ?? { type, value: closedExpression(value) };
  }
  if (type !== 'Exact' && type !== 'PathPrefix')
    return `path.type ${type} is not known: use Exact, PathPrefix or RegularExpression`;
  if (!isHeaderValue(value) || !value.startsWith('/'))
    return `path.value must begin with a slash, not ${JSON.stringify(value)}`;
  if (type === 'Exact') return { type, value };
  const prefix = value.endsWith('/') ? value.replace(/\/+$/, '') : value;
  return { type, value: prefix === '' ? '/' : prefix };
}

function readValues(
  specs: readonly ValueMatchSpec[] | undefined,
  where: string,
  nameOf: (name: string) => string,
): ValueMatch[] | string {
  if (specs === undefined || specs.length === 0) return [];
  const found = new Map<string, ValueMatch>();
  for (const [index, { type = 'Exact', name, value }] of specs.entries()) {
    const key = nameOf(name);
    if (found.has(key)) continue;
    if (!isHeaderName(name)) return `${where}[${index}].name ${JSON.stringify(name)} is no name`;
    if (!isHeaderValue(value)) return `${where}[${index}].value must be a text without control characters`;
    if (type !== 'Exact' && type !== 'RegularExpression') {
      return `${where}[${index}].type ${type} is not known: use Exact or RegularExpression`;
    }
    const problem = type === 'Exact' ? undefined : expressionProblem(`${where}[${index}].value`, value);
    if (problem !== undefined) return problem;
    found.set(key, { type, name: key, value: type === 'Exact' ? value : closedExpression(value) });
  }
  return [...found.values()];
}

/** What is wrong with an expression, which is RE2's. */
export function expressionProblem(where: string, expression: string): string | undefined {
  if (expression.length > MAX_EXPRESSION)
    return `${where} is an expression of more than ${MAX_EXPRESSION} characters: make it shorter`;
  const problem = problemOf(expression);
  return problem === undefined ? undefined : `${where} is not an expression of RE2: ${problem}`;
}

/** Of a route of gRPC. */
export function readGrpcMatch(spec: GRPCRouteMatch): ReadMatch {
  const headers = readValues(spec.headers, 'headers', (name) => name.toLowerCase());
  if (typeof headers === 'string') return { problem: headers };
  const { type = 'Exact', service = '', method = '' } = spec.method ?? {};
  const path = grpcPath(type, service, method);
  if (typeof path === 'string') return { problem: path };
  const match: HttpMatch = { path, headers, queryParams: [], grpc: true };
  return { match, rank: [1, service.length, method.length, headers.length, 0, 0] };
}

function grpcPath(type: string, service: string, method: string): PathMatch | string {
  if (type === 'RegularExpression') {
    const problem = expressionProblem('method.service', service) ?? expressionProblem('method.method', method);
    if (problem !== undefined) return problem;
    return { type, value: grpcExpression(service, method) };
  }
  if (type !== 'Exact') return `method.type ${type} is not known: use Exact or RegularExpression`;
  if (service === '' && method === '') return { type: 'PathPrefix', value: '/' };
  if (method === '') return { type: 'PathPrefix', value: `/${service}` };
  if (service === '') return { type: 'RegularExpression', value: `/[^/]+/${escapeExpression(method)}` };
  return { type: 'Exact', value: `/${service}/${method}` };
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
