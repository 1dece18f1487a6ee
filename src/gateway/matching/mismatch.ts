import { compileRegexp } from 'nekube/apimachinery';
import type { HttpMatch, PathMatch, ValueMatch } from '../model/index.ts';
import type { RequestHead } from './request-head.ts';

/**
 * Why a request is not what a route matches, in words; undefined when it is. The definition of what matches, for explanations
 * and as what faster routers are tested against.
 */
export function mismatchOf(match: HttpMatch, head: RequestHead): string | undefined {
  return (
    pathMismatch(match.path, head.path) ??
    methodMismatch(match.method, head.method) ??
    first(match.headers, (header) => valueMismatch('header', header, headerOf(head, header.name))) ??
    first(match.queryParams, (param) =>
      valueMismatch('query parameter', param, queryParamOf(head.query, param.name)),
    ) ??
    grpcMismatch(match, head)
  );
}

/** Whether a path begins with a prefix by whole elements. */
export function hasPathPrefix(path: string, prefix: string): boolean {
  if (prefix === '/') return true;
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** The first value of a parameter of a query, as it stands there: percent-encoding and plus signs are left (as in Envoy). */
export function queryParamOf(query: string, name: string): string | undefined {
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    if ((equals === -1 ? part : part.slice(0, equals)) === name && part !== '') {
      return equals === -1 ? '' : part.slice(equals + 1);
    }
  }
  return undefined;
}

/** The same as the text that it stands for, for what is compared with secrets: what is escaped is unescaped, as far as it can be. */
export function decodedQueryParam(query: string, name: string): string | undefined {
  const nameOf = (part: string): string => unescaped(part.split('=', 1)[0]!);
  const part = query.split('&').find((one) => one !== '' && nameOf(one) === name);
  return part === undefined ? undefined : unescaped(part.slice(part.split('=', 1)[0]!.length + 1));
}

/** A query without a parameter, however its name is escaped. */
export function withoutQueryParam(query: string, name: string): string {
  return query
    .split('&')
    .filter((part) => unescaped(part.split('=', 1)[0]!) !== name)
    .join('&');
}

/** Bytes for escapes, as messages have texts. */
function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function pathMismatch({ type, value }: PathMatch, path: string): string | undefined {
  if (type === 'Exact') return path === value ? undefined : `the path is not ${value}`;
  if (type === 'PathPrefix') return hasPathPrefix(path, value) ? undefined : `the path is not below ${value}`;
  return matchesWhole(value, path) ? undefined : `the path does not match the expression ${value}`;
}

function methodMismatch(method: string | undefined, actual: string): string | undefined {
  return method === undefined || method === actual ? undefined : `the method is ${actual}, not ${method}`;
}

function valueMismatch(
  what: string,
  { type, name, value }: ValueMatch,
  actual: string | undefined,
): string | undefined {
  if (actual === undefined) return `there is no ${what} ${name}`;
  if (type === 'Exact') return actual === value ? undefined : `the ${what} ${name} is not ${JSON.stringify(value)}`;
  return matchesWhole(value, actual) ? undefined : `the ${what} ${name} does not match the expression ${value}`;
}

function grpcMismatch(match: HttpMatch, head: RequestHead): string | undefined {
  const isGrpc = /^application\/grpc(?:$|[+;])/.test(headerOf(head, 'content-type') ?? '');
  return match.grpc === undefined || isGrpc ? undefined : 'the request is not of gRPC (content-type application/grpc)';
}

/** All values of a header, as one line has them. */
function headerOf(head: RequestHead, name: string): string | undefined {
  return head.headers.get(name)?.join(',');
}

function matchesWhole(expression: string, text: string): boolean {
  return compileRegexp(`^(?:${expression})$`).test(text);
}

function first<T>(items: readonly T[], mismatch: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = mismatch(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
