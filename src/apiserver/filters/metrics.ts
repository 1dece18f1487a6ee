import { header, type RequestContext } from '../context.ts';
import { parseMediaType } from '../media-type.ts';
import type { Counter, Histogram } from 'nekube/metrics';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import type { Filter } from '../pipeline.ts';
import type { RequestInfo } from '../request-info.ts';
import { isLongRunning } from './long-running.ts';

const READING = new Set(['get', 'list', 'watch']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };
/** Paths beside those of resources; others are not counted, as there is no end to them. */
const PATHS = /^\/(?:apis?|healthz|livez|readyz|version|metrics|openapi\/v[23]|\.well-known|openid)(?=\/|$)/;

/**
 * Counts requests and how long they take.
 *
 * @param isServed false for resources that are not served: what is asked for at random is not counted
 */
export function withMetrics(metrics: ServerMetrics, isServed: (info: RequestInfo) => boolean): Filter {
  const known = new Map<string, Counted>();
  return async (context, next) => {
    const began = performance.now();
    const kind = isLongRunning(context.info) ? undefined : READING.has(context.info.verb) ? 'readOnly' : 'mutating';
    if (kind !== undefined) metrics.inFlight[kind]++;
    try {
      await next(context);
    } finally {
      if (kind !== undefined) metrics.inFlight[kind]--;
      const key = keyOf(context);
      let counted = known.get(key);
      if (counted === undefined && isCounted(context, isServed))
        known.set(key, (counted = countedOf(context, metrics)));
      counted?.requests.add();
      counted?.durations.observe((performance.now() - began) / 1000);
    }
  };
}

/** Where requests of one sort are counted. */
interface Counted {
  readonly requests: ReturnType<Counter['of']>;
  readonly durations: ReturnType<Histogram['of']>;
}

function countedOf(context: RequestContext, { requests, durations }: ServerMetrics): Counted {
  const labels = labelsOf(context);
  return { requests: requests.of([String(context.response.statusCode), ...labels]), durations: durations.of(labels) };
}

/** All that labels are made of. */
function keyOf(context: RequestContext): string {
  const { info, response } = context;
  if (!info.isResource) return `${response.statusCode} ${methodOf(context)} ${knownPath(info.path)}`;
  const where = `${info.name === '' ? '' : 'n'}${info.namespace === '' ? '' : 's'}`;
  const what = `${info.group}/${info.version}/${info.resource}/${info.subresource}`;
  return `${response.statusCode} ${verbOf(context)} ${what} ${where} ${dryRunOf(context)}`;
}

/** The beginning of a path of the server's, without its slash. */
function knownPath(path: string): string {
  return PATHS.exec(path)?.[0].slice(1) ?? '';
}

function methodOf({ method }: RequestContext): string {
  return METHODS.has(method) ? method : 'other';
}

function dryRunOf({ query }: RequestContext): string {
  const dryRun = query.get('dryRun') ?? '';
  return dryRun === '' || dryRun === 'All' ? dryRun : 'invalid';
}

function isCounted({ info }: RequestContext, isServed: (info: RequestInfo) => boolean): boolean {
  return info.isResource ? isServed(info) : PATHS.test(info.path);
}

/** component, dry_run, group, resource, scope, subresource, verb, version */
function labelsOf(context: RequestContext): string[] {
  const { info } = context;
  if (!info.isResource) {
    return ['apiserver', '', '', '', '', knownPath(info.path), methodOf(context), ''];
  }
  const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  return [
    'apiserver',
    dryRunOf(context),
    info.group,
    info.resource,
    scope,
    info.subresource,
    verbOf(context),
    info.version,
  ];
}

function verbOf({ info, request }: RequestContext): string {
  const { verb } = info;
  if (
    verb === 'patch' &&
    parseMediaType(header(request, 'content-type') ?? '').type.startsWith('application/apply-patch')
  )
    return 'APPLY';
  return VERBS[verb] ?? (/^(get|list|watch|patch|delete|deletecollection)$/.test(verb) ? verb.toUpperCase() : 'other');
}
