/** The routes of a routing model compiled: which one has a request, a pure function. */
export { DomainTable } from './domain-table.ts';
export { Router } from './router.ts';
export { isGrpc } from './conditions.ts';
export type { BadRoute } from './path-index.ts';
export type { HeaderLookup, RoutedRequest } from './routed-request.ts';
