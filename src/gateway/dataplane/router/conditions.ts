import { compileRegexp } from 'nekube/apimachinery';
import { queryParamOf } from '../../matching/index.ts';
import type { HttpMatch, ValueMatch } from '../../model/index.ts';
import { offWire, onWire } from '../http/wire-text.ts';
import type { RoutedRequest } from './routed-request.ts';

/** Whether a request is what one part of a match asks for. */
export type Condition = (request: RoutedRequest) => boolean;

const GRPC = /^application\/grpc(?:$|[+;])/;

/** What a match asks for beside a path that is exact or a prefix, the cheap questions first. @throws Error for a bad expression */
export function conditionsOf(match: HttpMatch): readonly Condition[] {
  const { method, path } = match;
  return [
    ...(method === undefined ? [] : [(request: RoutedRequest) => request.method === method]),
    ...match.headers.map(headerCondition),
    ...match.queryParams.map(queryCondition),
    ...(match.grpc === undefined ? [] : [isGrpc]),
    ...(path.type === 'RegularExpression' ? [pathCondition(path.value)] : []),
  ];
}

/** Whether a request is one of gRPC. */
export function isGrpc({ headers }: Pick<RoutedRequest, 'headers'>): boolean {
  const contentType = headers.get('content-type');
  return contentType !== undefined && GRPC.test(contentType);
}

function headerCondition({ name, type, value }: ValueMatch): Condition {
  const test = valueTest(type, value);
  return ({ headers }) => {
    const actual = headers.get(name);
    return actual !== undefined && test(actual);
  };
}

function queryCondition({ name, type, value }: ValueMatch): Condition {
  const test = valueTest(type, value);
  return ({ query }) => {
    const actual = query === '' ? undefined : queryParamOf(query, name);
    return actual !== undefined && test(actual);
  };
}

function pathCondition(expression: string): Condition {
  const test = valueTest('RegularExpression', expression);
  return ({ path }) => test(path);
}

function valueTest(type: ValueMatch['type'], value: string): (actual: string) => boolean {
  if (type === 'Exact') {
    const bytes = onWire(value);
    return (actual) => actual === bytes;
  }
  // as it was checked, so that it is compiled once: a thousand of them take seconds
  const expression = compileRegexp(value);
  return (actual) => expression.matches(offWire(actual));
}
