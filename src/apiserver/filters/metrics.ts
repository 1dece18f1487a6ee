import { header, type RequestContext } from '../context.ts';
import { parseMediaType } from '../media-type.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import type { Filter } from '../pipeline.ts';
import type { RequestInfo } from '../request-info.ts';
import { isLongRunning } from './long-running.ts';

const READING = new Set(['get', 'list', 'watch']);
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };
/** Paths beside those of resources; others are not counted, as there is no end to them. */
const PATHS = /^\/(?:apis?|healthz|livez|readyz|version|metrics|openapi\/v[23]|\.well-known|openid)(?=\/|$)/;

/**
 * Counts requests and how long they take.
 *
 * @param isServed false for resources that are not served: what is asked for at random is not counted
 */
export function withMetrics(metrics: ServerMetrics, isServed: (info: RequestInfo) => boolean): Filter {
  return async (context, next) => {
    const began = performance.now();
    const kind = isLongRunning(context.info) ? undefined : READING.has(context.info.verb) ? 'readOnly' : 'mutating';
    if (kind !== undefined) metrics.inFlight[kind]++;
    try {
      await next(context);
    } finally {
      if (kind !== undefined) metrics.inFlight[kind]--;
      const labels = isCounted(context, isServed) ? labelsOf(context) : undefined;
      if (labels !== undefined) {
        metrics.requests.add([String(context.response.statusCode), ...labels]);
        metrics.durations.observe(labels, (performance.now() - began) / 1000);
      }
    }
  };
}

function isCounted({ info }: RequestContext, isServed: (info: RequestInfo) => boolean): boolean {
  return info.isResource ? isServed(info) : PATHS.test(info.path);
}

/** component, dry_run, group, resource, scope, subresource, verb, version */
function labelsOf(context: RequestContext): string[] {
  const { info, query, method } = context;
  const dryRun = query.get('dryRun') ?? '';
  if (!info.isResource) {
    const path = PATHS.exec(info.path)?.[0].slice(1) ?? '';
    return ['apiserver', '', '', '', '', path, method.slice(0, 20), ''];
  }
  const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  const shown = dryRun === '' || dryRun === 'All' ? dryRun : 'invalid';
  return ['apiserver', shown, info.group, info.resource, scope, info.subresource, verbOf(context), info.version];
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
