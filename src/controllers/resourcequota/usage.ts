import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import {
  addTo,
  type Evaluator,
  namesOf,
  only,
  type ResourceList,
  resourceList,
  sameAmounts,
  scopesOf,
  toJson,
} from 'nekube/quota';
import { Quantity } from 'nekube/apimachinery';

/** A ResourceQuota. */
export interface ResourceQuota extends KubeObject {
  spec: { hard?: Record<string, string>; scopes?: string[]; scopeSelector?: object };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** ResourceQuotas. */
export const RESOURCE_QUOTA: Kind<ResourceQuota> = { apiVersion: 'v1', kind: 'ResourceQuota' };

/** The objects of one resource in the namespace of a quota. */
export interface CountedObjects {
  readonly evaluator: Evaluator;
  readonly objects: readonly KubeObject[];
}

/** The status of a quota in whose namespace these objects are; undefined if it is that already. */
export function statusOf(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  now: Date,
): ResourceQuota['status'] | undefined {
  const hard = resourceList(quota.spec.hard);
  const before = resourceList(quota.status?.used);
  const used = only(new Map([...before, ...usageOf(quota, counted, now)]), hard.keys());
  const isFirst = quota.status?.hard === undefined || quota.status.used === undefined;
  const isCurrent = !isFirst && sameAmounts(hard, resourceList(quota.status?.hard)) && sameAmounts(used, before);
  if (isCurrent) return undefined;
  return { hard: toJson(hard) as Record<string, string>, used: toJson(used) as Record<string, string> };
}

/** What is used of all that a quota limits and that can be counted. What is used of nothing is zero. */
function usageOf(quota: ResourceQuota, counted: readonly CountedObjects[], now: Date): ResourceList {
  const limited = namesOf(resourceList(quota.spec.hard));
  const scopes = scopesOf(quota);
  const used: ResourceList = new Map();
  const names: string[] = [];
  for (const { evaluator, objects } of counted) {
    const own = evaluator.resources(limited);
    names.push(...own);
    addTo(used, new Map(own.map((name) => [name, Quantity.zero])));
    for (const object of objects) {
      if (scopes.every((scope) => evaluator.inScope?.(scope, object) ?? false))
        addTo(used, evaluator.usage(object, now));
    }
  }
  return only(used, names);
}
