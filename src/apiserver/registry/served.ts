import type { DecodeOptions, PatchSchema, ResourceRules, WriteRules } from 'nekube/api';
import {
  goQuote,
  type GroupResource,
  isValidPathSegmentName,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
} from 'nekube/apimachinery';
import type { Conversion } from '../customresources/definition.ts';
import type { FieldManager, ReplicasPaths } from '../field-manager/index.ts';
import type { TableForm } from '../tables.ts';

/** A decoded body: the object in canonical form, and the paths that its schema does not know. */
export interface Decoded {
  readonly object: KubeObject;
  readonly unknownFields: readonly string[];
}

/** How the objects of a version get to and from the version that is stored. */
export interface ServedConversion {
  readonly storageApiVersion: string;
  readonly webhook: NonNullable<Conversion['webhook']>;
  /** Brings an object as it is stored into the form of today's schema of its version, with its defaults, in place. */
  settleStored(object: KubeObject): KubeObject;
}

/** A part of a resource with an endpoint of its own. */
export interface ServedSubresource {
  readonly name: string;
  readonly verbs: readonly string[];
}

/**
 * A resource in one served version, built in or custom: what the handlers need to know of it, and no more.
 *
 * Objects are handled in the hub version (the stored one), decoded and answered in the version of the request.
 */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  /** The plural name in URLs. */
  readonly resource: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** apiVersion of stored objects. */
  readonly hubApiVersion: string;
  /** Storage keys of its objects begin with this; it ends with a slash. */
  readonly keyPrefix: string;
  /** Behaviour; works on objects of the hub version. */
  readonly rules: ResourceRules;
  /** True for custom resources: keys of their JSON are sorted, and there is no strategic merge nor protobuf. */
  readonly custom: boolean;
  /** How objects get to the other versions by a webhook; without it all versions have one form. */
  readonly conversion?: ServedConversion;
  /** The resource itself is being deleted: nothing new may be created. */
  readonly terminating?: boolean;
  /** A text for the Warning header of every answer about the resource. */
  readonly deprecation?: string;
  /** Go's name of the internal type in messages, e.g. `core.ConfigMap`; `unstructured.Unstructured` if custom. */
  readonly goType: string;

  /**
   * The value as an object of this version, with its defaults.
   *
   * @param options what reads it: the JSON decoder, or the converter from maps that strategic merge ends with
   * @throws Error with Go's message where the value does not fit the type.
   */
  decode(value: JsonValue, options?: DecodeOptions): Decoded;
  /** Brings an object that was read from storage into the form of today's type, in place; most need none. */
  settle?(object: KubeObject): KubeObject;
  /** The canonical form of an object of the hub version (Go's struct round trip). */
  normalizeHub(object: KubeObject): KubeObject;
  /** An object of this version as the hub version; the same object where they are equal. */
  toHub(object: KubeObject): KubeObject;
  /** An object of the hub version as this one; the same object where they are equal. */
  fromHub(object: KubeObject): KubeObject;
  /** What strategic merge patch needs; undefined where it is refused. */
  patchSchema(): PatchSchema | undefined;
  /** Where `/scale` finds the replicas in each version of a custom resource. */
  readonly replicasPaths?: ReplicasPaths;
  /** Tracks the ownership of fields in writes through the main endpoint (`''`) or a subresource. */
  fieldManager(subresource: string): FieldManager;
  /** Columns and cells of its Tables; cells print objects of the hub version. */
  table(): TableForm;
}

/** The storage key of an object. @throws StatusError BadRequest for a name that cannot be a part of a path */
export function keyOf(resource: ServedResource, namespace: string, name: string): string {
  const problems = isValidPathSegmentName(name);
  if (problems.length > 0) throw newBadRequest(`Name parameter invalid: ${goQuote(name)}: ${problems.join(';')}`);
  return resource.namespaced ? `${resource.keyPrefix}${namespace}/${name}` : `${resource.keyPrefix}${name}`;
}

/** The prefix of the keys of a list: of one namespace, or of all. */
export function listPrefix(resource: ServedResource, namespace: string): string {
  return resource.namespaced && namespace !== '' ? `${resource.keyPrefix}${namespace}/` : resource.keyPrefix;
}

/** Group and resource of an object in messages. */
export function groupResource(resource: ServedResource): GroupResource {
  return { group: resource.group, resource: resource.resource };
}

/** Group and kind as they are stored, in the shape in which `newInvalid` takes it. */
export function groupKind(resource: ServedResource): GroupResource {
  const { group } = parseApiVersion(resource.hubApiVersion)!;
  return { group, resource: resource.kind };
}

/** The rules of an endpoint: of the resource, or of one of its subresources. */
export function rulesOf(resource: Pick<ServedResource, 'rules'>, subresource: string): WriteRules {
  return subresource === '' ? resource.rules : (resource.rules.subresources?.[subresource] ?? {});
}
