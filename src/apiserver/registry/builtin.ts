import {
  type BuiltinResource,
  builtinResources,
  convert,
  decodeObject,
  findResource,
  normalizeObject,
  type PatchSchema,
  patchSchemaOf,
  type ResourceRules,
  type StructType,
  typeOf,
} from 'nekube/api';
import { errorText, isJsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { keepReset } from 'nekube/managedfields';
import { tableFor } from '../tables.ts';
import { fieldManagersOf } from './field-managers.ts';
import type { ServedResource } from './served.ts';

/**
 * A built-in resource as the handlers see it. Its type is compiled at its first use.
 *
 * @param ownRules in the place of the resource's, where these need more than the room `api` has
 */
export function serveBuiltin(
  resource: BuiltinResource,
  now: () => Date,
  ownRules?: ResourceRules | undefined,
): ServedResource {
  const { kind, apiVersion, hubApiVersion } = resource;
  const type = lazily(() => requireType(apiVersion, kind));
  const hubType = lazily(() => requireType(hubApiVersion, kind));
  const hubResource = lazily(
    () => findResource(resource.hub.group, resource.hub.version, resource.resource) ?? resource,
  );
  const schema = lazily(() => ({ patch: patchSchemaOf(apiVersion, kind) }));
  const served: ServedResource = {
    group: resource.group,
    version: resource.version,
    apiVersion,
    resource: resource.resource,
    kind,
    listKind: `${kind}List`,
    namespaced: resource.namespaced,
    verbs: resource.verbs,
    subresources: resource.subresources,
    hubApiVersion,
    keyPrefix: `/registry/${resource.storagePrefix}/`,
    get rules() {
      return ownRules ?? resource.rules;
    },
    custom: false,
    deprecation: resource.deprecation,
    goType: `${goPackage(resource.hub.group)}.${kind}`,
    decode(value, options) {
      const decoded = decodeObject(type(), value, options);
      keepReset(value, decoded.object);
      setDefaults(resource, decoded.object);
      return decoded;
    },
    normalizeHub(object) {
      // what is read from storage gets its defaults again, and some follow from what a write has prepared
      setDefaults(hubResource(), object);
      return normalizeObject(hubType(), object);
    },
    toHub: (object) => convert(object, hubApiVersion),
    fromHub: (object) => (apiVersion === hubApiVersion ? object : normalizeObject(type(), convert(object, apiVersion))),
    patchSchema: (): PatchSchema | undefined => schema().patch,
    fieldManager: (subresource) => managers(subresource),
    table: () => tableFor(resource),
  };
  const managers = fieldManagersOf(served, now, (object) => {
    const decoded = decodeMerged(resource, type(), object);
    setDefaults(resource, decoded);
    return decoded;
  });
  return served;
}

/** What an apply has merged, as an object. @throws Error with Go's message */
function decodeMerged({ group, version, kind }: BuiltinResource, type: StructType, object: KubeObject): KubeObject {
  try {
    return decodeObject(type, object as unknown as JsonValue, { from: 'map' }).object;
  } catch (cause) {
    const why = errorText(cause);
    throw new Error(`unable to convert unstructured object to ${group}/${version}, Kind=${kind}: ${why}`, { cause });
  }
}

function setDefaults(resource: BuiltinResource, object: KubeObject): void {
  const { defaults } = resource.rules;
  (defaults?.[resource.version] ?? defaults?.['*'])?.(object);
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function requireType(apiVersion: string, kind: string): StructType {
  const type = typeOf(apiVersion, kind);
  if (type === undefined) throw new TypeError(`no type for kind "${kind}" in version "${apiVersion}"`);
  return type;
}

/** The Go package of a group's internal types, which shows in some messages. */
function goPackage(group: string): string {
  return group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0]!;
}

/** Groups and versions that kube-apiserver can decode, served or not: those that DeleteOptions come in. */
const knownGroupVersions = lazily(() => {
  const old = [
    'extensions/v1beta1',
    'apps/v1beta1',
    'apps/v1beta2',
    'batch/v1beta1',
    'policy/v1beta1',
    'autoscaling/v2beta1',
    'autoscaling/v2beta2',
  ];
  return new Set([...builtinResources().map((r) => r.apiVersion), ...old]);
});

const knownKinds = lazily(() => new Set(builtinResources().map((r) => r.kind)));

/** True for kinds of Kubernetes' own scheme, in any of their versions. */
export function registeredKind(apiVersion: string, kind: string): boolean {
  return typeOf(apiVersion, kind) !== undefined || (knownGroupVersions().has(apiVersion) && knownKinds().has(kind));
}

/** Decodes a value as the built-in kind that it says it is. @throws Error with Go's message */
export function decodeAsRegistered(value: JsonValue): void {
  const { apiVersion, kind } = isJsonObject(value) ? (value as { apiVersion?: string; kind?: string }) : {};
  const type = typeOf(apiVersion ?? '', kind ?? '');
  if (type !== undefined) decodeObject(type, value);
}

/** Decodes a kind of `v1` that is no resource: DeleteOptions. @throws Error with Go's message */
export function decodeOptions(kind: string, value: JsonValue): KubeObject {
  return decodeObject(requireType('v1', kind), value).object;
}
