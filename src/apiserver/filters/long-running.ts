import { LIVE_AUDIT_PATH } from '../audit/live.ts';
import type { RequestInfo } from '../request-info.ts';

const VERBS = new Set(['watch', 'proxy']);
const SUBRESOURCES = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** True for what may take as long as it takes: watches, and connections to nodes. It has no deadline, and does not count as in flight. */
export function isLongRunning({ verb, isResource, subresource, path }: RequestInfo): boolean {
  return VERBS.has(verb) || (isResource ? SUBRESOURCES.has(subresource) : path === LIVE_AUDIT_PATH);
}
