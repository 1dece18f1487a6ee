import type { RequestContext } from './context.ts';

/** Serves a request; what it throws becomes the answer. */
export type Handler = (context: RequestContext) => Promise<void>;

/** One step on a request's way: it hands the request on, perhaps with more known of it, or answers or throws itself. */
export type Filter = (context: RequestContext, next: Handler) => Promise<void>;

/** The filters in the order in which a request meets them, then the handler. */
export function pipeline(filters: readonly Filter[], handler: Handler): Handler {
  return filters.reduceRight<Handler>((next, filter) => (context) => filter(context, next), handler);
}
