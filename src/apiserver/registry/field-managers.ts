import { builtinResources, convert, normalizeObject, smdTypeOf, typeOf } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import type { FieldFilter } from 'nekube/smd';
import {
  FieldManager,
  type FieldManagerOptions,
  keepFilter,
  parseableTypeOf,
  resetFilter,
} from '../field-manager/index.ts';
import type { ServedResource } from './served.ts';

/** What a built-in resource's field managers need. */
type Kind = Pick<ServedResource, 'apiVersion' | 'kind' | 'hubApiVersion' | 'rules' | 'keyPrefix'>;

/**
 * Field managers of a built-in resource by subresource, each made at its first use.
 *
 * @param decode makes a merged object canonical and sets its defaults
 */
export function fieldManagersOf(
  resource: Kind,
  now: () => Date,
  decode: (merged: KubeObject) => KubeObject,
): (subresource: string) => FieldManager {
  const made = new Map<string, FieldManager>();
  return (subresource) => {
    let manager = made.get(subresource);
    if (manager === undefined)
      made.set(subresource, (manager = new FieldManager(optionsOf(resource, subresource, now, decode))));
    return manager;
  };
}

function optionsOf(
  resource: Kind,
  subresource: string,
  now: () => Date,
  decode: (merged: KubeObject) => KubeObject,
): FieldManagerOptions {
  const { apiVersion, kind, hubApiVersion, rules, keyPrefix } = resource;
  const versions = builtinResources()
    .filter((r) => `/registry/${r.storagePrefix}/` === keyPrefix && r.kind === kind)
    .map((r) => r.apiVersion);
  const { resetFields, onlyFields } = subresource === '' ? rules : (rules.subresources?.[subresource] ?? {});
  const filter = onlyFields ? keepFilter(onlyFields) : resetFields && resetFilter(resetFields);
  const filters = filter && new Map<string, FieldFilter>(versions.map((version) => [version, filter]));
  return {
    apiVersion,
    kind,
    subresource,
    empty: () => emptyObject(apiVersion, kind),
    decode,
    typeIn: (version) => {
      const data = versions.includes(version) ? smdTypeOf(version, kind) : undefined;
      return data && parseableTypeOf(data);
    },
    // what is being pruned lacks parts that conversions rely on; as a Go struct it has their zero values
    convert: (object, version) => convert(normalizeObject(typeOf(object.apiVersion!, kind)!, object), version),
    ...(filters && { filters }),
    // a version that is not stored is what conversion makes of the stored one, with annotations for what it lacks
    ...(apiVersion !== hubApiVersion && { seen: (object) => convert(convert(object, hubApiVersion), apiVersion) }),
    now,
  };
}

/** Go's zero value of a kind. */
function emptyObject(apiVersion: string, kind: string): KubeObject {
  return normalizeObject(typeOf(apiVersion, kind)!, { kind, apiVersion, metadata: {} });
}

/** The field manager of a subresource whose objects are of a kind of their own, such as Scale or TokenRequest. */
export function subresourceFieldManager(
  apiVersion: string,
  kind: string,
  subresource: string,
  now: () => Date,
): FieldManager {
  return new FieldManager({
    apiVersion,
    kind,
    subresource,
    empty: () => emptyObject(apiVersion, kind),
    decode: (merged) => normalizeObject(typeOf(apiVersion, kind)!, merged),
    typeIn: (version) => (version === apiVersion ? parseableTypeOf(smdTypeOf(apiVersion, kind)!) : undefined),
    convert: (object) => object,
    now,
  });
}
