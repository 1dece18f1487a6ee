import {
  isJsonObject,
  isStatusError,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseApiVersion,
  type StatusError,
} from 'nekube/apimachinery';
import type { Configuration } from '../field-conflicts.ts';

/** A document of a file, and where it stands, for messages: `"web.yaml", document 2`. */
export interface SourceDocument {
  readonly value: JsonValue;
  readonly place: string;
}

/** A configuration that is to be applied, and where it stands. */
export interface Manifest {
  readonly configuration: Configuration;
  readonly place: string;
}

/** Which object of a cluster, in whichever version. */
export interface ObjectId {
  readonly group: string;
  readonly kind: string;
  /** Empty for what has no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * Whether a kind's objects have namespaces; undefined where neither the cluster nor a definition of the files knows it, and
 * the error where the cluster cannot tell, as where the server of an aggregated API is down.
 */
export type ScopeOf = (configuration: Configuration) => boolean | StatusError | undefined;

/** What files state, or all that is wrong with them, one sentence each that names the place. */
export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly string[];
}

/** Takes documents for configurations, before it is known how their kinds are served. */
export function readManifests(documents: readonly SourceDocument[]): ReadManifests {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  for (const { value, place } of documents) {
    const wrong = problemOf(value);
    if (wrong !== undefined) problems.push(`${place}: ${wrong}`);
    else manifests.push({ configuration: value as unknown as Configuration, place });
  }
  return { manifests, problems };
}

/** In the order in which a reader would mend it. */
function problemOf(value: JsonValue): string | undefined {
  if (!isJsonObject(value)) return 'must be an object with apiVersion, kind and metadata';
  for (const field of ['apiVersion', 'kind'])
    if (typeof value[field] !== 'string' || value[field] === '') return `${field} must be there, as a text`;
  if (parseApiVersion(value.apiVersion as string) === undefined)
    return `apiVersion ${JSON.stringify(value.apiVersion)} must be VERSION or GROUP/VERSION`;
  if (isList(value)) return listProblem(value);
  const { metadata } = value;
  if (!isJsonObject(metadata)) return 'metadata must be there, as an object';
  if (typeof metadata.name !== 'string' || metadata.name === '')
    return metadata.generateName === undefined
      ? 'metadata.name must be there, as a text'
      : 'metadata.generateName cannot be applied: what is applied must have a name, metadata.name';
  if (metadata.managedFields !== undefined) return 'metadata.managedFields must not be applied; leave it out';
  return mapProblem(metadata, 'labels') ?? mapProblem(metadata, 'annotations') ?? namespaceProblem(metadata);
}

/** A `List`, or that of a kind: `ConfigMapList`. */
function isList({ apiVersion, kind, items }: JsonObject): boolean {
  if (apiVersion === 'v1' && kind === 'List') return true;
  return (kind as string).endsWith('List') && (items === null || Array.isArray(items));
}

/** Lists are taken apart by who reads the files: what is left is none, or stands in another. */
function listProblem({ items }: JsonObject): string {
  return Array.isArray(items)
    ? 'a List must not be within a List; state its items in the outer one'
    : 'items of a List must be there, as a list of objects';
}

function mapProblem(metadata: JsonObject, field: string): string | undefined {
  const map = metadata[field];
  if (map === undefined || map === null) return undefined;
  if (!isJsonObject(map)) return `metadata.${field} must be an object of texts`;
  const [key] = Object.entries(map).find(([, value]) => typeof value !== 'string') ?? [];
  return key === undefined ? undefined : `metadata.${field}[${JSON.stringify(key)}] must be a text; put it into quotes`;
}

function namespaceProblem({ namespace }: JsonObject): string | undefined {
  return namespace === undefined || typeof namespace === 'string' ? undefined : 'metadata.namespace must be a text';
}

/** Which namespace objects get that name none. */
export interface NamespaceChoice {
  readonly namespace: string;
  /** True: it was asked for, and an object that names another is a mistake, as for kubectl. */
  readonly enforced: boolean;
}

/**
 * Gives the objects that have namespaces one, and finds what is stated twice.
 *
 * Two documents are about one object if group, kind, namespace and name are the same, whatever their versions.
 */
export function placeManifests(
  manifests: readonly Manifest[],
  scopeOf: ScopeOf,
  choice: NamespaceChoice,
): ReadManifests {
  const problems: string[] = [];
  const placed: Manifest[] = [];
  const first = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const { place } = manifest;
    const found = inNamespace(manifest, scopeOf, choice);
    if (typeof found === 'string') {
      problems.push(`${place}: ${found}`);
      continue;
    }
    const id = idOf(found.configuration);
    const other = first.get(keyOf(id));
    if (other !== undefined)
      problems.push(`${place}: ${showObject(id)} is also stated in ${other.place}; state it once`);
    else first.set(keyOf(id), manifest);
    placed.push(found);
  }
  return { manifests: placed, problems };
}

function inNamespace(
  manifest: Manifest,
  scopeOf: ScopeOf,
  { namespace, enforced }: NamespaceChoice,
): Manifest | string {
  const { configuration } = manifest;
  const namespaced = scopeOf(configuration);
  const { apiVersion, kind, metadata } = configuration;
  if (isStatusError(namespaced))
    return `${showObject(idOf(configuration))}: the server does not tell how ${apiVersion} is served: ${namespaced.message}`;
  if (namespaced === undefined) {
    const fix = 'apply its definition before, or together with it';
    return `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}; ${fix}`;
  }
  const { namespace: stated, ...rest } = metadata;
  if (!namespaced)
    return stated === undefined ? manifest : { ...manifest, configuration: { ...configuration, metadata: rest } };
  if (stated !== undefined && stated !== '')
    return enforced && stated !== namespace ? mismatch(stated, namespace) : manifest;
  return { ...manifest, configuration: { ...configuration, metadata: { ...metadata, namespace } } };
}

function mismatch(stated: string, asked: string): string {
  return `the namespace from the provided object ${JSON.stringify(stated)} does not match the namespace ${JSON.stringify(asked)}; pass --namespace=${stated}, or none`;
}

/** Which object a configuration is about. */
export function idOf({ apiVersion, kind, metadata }: KubeObject): ObjectId {
  const group = parseApiVersion(apiVersion ?? '')?.group ?? '';
  return { group, kind: kind ?? '', namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

/** One text for one object. */
export function keyOf({ group, kind, namespace, name }: ObjectId): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

/** As messages name an object: `Deployment.apps shop/web`, `Namespace shop`. */
export function showObject({ group, kind, namespace, name }: ObjectId): string {
  const type = group === '' ? kind : `${kind}.${group}`;
  return `${type} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** By kind, group, namespace and name: what makes two reports of the same objects the same. */
export function compareIds(a: ObjectId, b: ObjectId): number {
  return (
    compare(a.kind, b.kind) || compare(a.group, b.group) || compare(a.namespace, b.namespace) || compare(a.name, b.name)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
