import type { KubeObject } from 'nekube/apimachinery';
import { bootstrapFacts } from './facts.ts';
import { type BuiltinResource, builtinResources } from './resources.ts';

/** Objects of one resource that a fresh server makes before it is ready. */
export interface BootstrapObjects {
  readonly resource: BuiltinResource;
  readonly objects: readonly KubeObject[];
}

/**
 * What a fresh server makes itself (namespaces, RBAC roles and bindings, priority classes, flow schemas and priority
 * levels): complete objects of the hub version, but without uid, resourceVersion, timestamps and managedFields.
 */
export function bootstrapObjects(): readonly BootstrapObjects[] {
  return Object.entries(bootstrapFacts()).map(([name, bodies]) => {
    const resource = builtinResources().find((r) => r.resource === name && r.version === r.hub.version);
    if (resource === undefined) throw new TypeError(`bootstrap facts name an unknown resource "${name}"`);
    const { kind, apiVersion } = resource;
    return { resource, objects: bodies.map((body) => ({ kind, apiVersion, ...structuredClone(body) }) as KubeObject) };
  });
}
