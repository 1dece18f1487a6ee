import { decodeObject, normalizeObject, patchSchemaOf, typeOf } from 'nekube/api';
import { subresourceFieldManager } from './field-managers.ts';
import type { ServedResource } from './served.ts';

let made: ServedResource | undefined;

/** Scale (autoscaling/v1) as something that can be patched; it is never stored itself. */
export function scaleResource(now: () => Date): ServedResource {
  if (made !== undefined) return made;
  const apiVersion = 'autoscaling/v1';
  const kind = 'Scale';
  const type = typeOf(apiVersion, kind)!;
  const manager = subresourceFieldManager(apiVersion, kind, 'scale', now);
  made = {
    group: 'autoscaling',
    version: 'v1',
    apiVersion,
    resource: 'scales',
    kind,
    listKind: 'ScaleList',
    namespaced: true,
    verbs: [],
    subresources: [],
    hubApiVersion: apiVersion,
    keyPrefix: '',
    rules: {},
    custom: false,
    goType: 'autoscaling.Scale',
    decode: (value) => decodeObject(type, value),
    normalizeHub: (object) => normalizeObject(type, object),
    toHub: (object) => object,
    fromHub: (object) => object,
    patchSchema: () => patchSchemaOf(apiVersion, kind),
    fieldManager: () => manager,
    table: () => ({ columns: [], cells: () => [] }),
  };
  return made;
}
