/** What of a routing model a request meets, by definition: slow, plain, and able to say why not. */
export {
  hostOf,
  parseRequestFile,
  type RequestHead,
  type RequestHeadOptions,
  requestHeadOf,
  serverNameOf,
} from './request-head.ts';
export { compareDomains, covers, mostSpecific } from './domains.ts';
export { decodedQueryParam, hasPathPrefix, mismatchOf, queryParamOf, withoutQueryParam } from './mismatch.ts';
export { type NormalPath, normalizePath } from './normal-path.ts';
export { chainFor, routeFor, virtualHostFor } from './find-route.ts';
