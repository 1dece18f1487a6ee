/**
 * What objects use of quotas: the amounts that pods ask for, how services, claims and all other objects are counted, and
 * which are in a quota's scope. The API server asks this before a write, and the controller that counts again.
 *
 * What it does not do: it reads and writes nothing, and decides about no request.
 */
export { endsByItself, type ScopeSelector, scopesOf } from './scopes.ts';
export { type Evaluator, evaluatorOf, OWN_EVALUATORS, type QuotaOperation } from './evaluators.ts';
export { IGNORED } from './ignored.ts';
export { isExtendedResource } from './extended-resource.ts';
export { isPodCounted } from './pod-usage.ts';
export {
  hasPodLevelResources,
  isBestEffort,
  isPodLevelResource,
  podResources,
  type PodResourcesOptions,
  type Side,
} from './pod-resources.ts';
export {
  addTo,
  difference,
  namesOf,
  only,
  raiseTo,
  type ResourceList,
  resourceList,
  sameAmounts,
  sum,
  toJson,
} from './resource-list.ts';
