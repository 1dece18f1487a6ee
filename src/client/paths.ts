import type { Selection } from './client.ts';
import type { ObjectKey, ServedKind } from './kinds.ts';

/** A part of a query; those without a value are left out, and so are `false` ones. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/api/v1/namespaces/default/pods`; without a namespace that of all objects. */
export function collectionPath({ apiVersion, resource, namespaced }: ServedKind, namespace?: string): string {
  const within = namespaced && namespace !== undefined ? `/namespaces/${segment('namespace', namespace)}` : '';
  return `${versionPath(apiVersion)}${within}/${resource}`;
}

/** The path of an object, or of a part of it (`status`; for a proxy also `proxy/some/path`). */
export function objectPath(served: ServedKind, key: ObjectKey, defaultNamespace: string, subresource?: string): string {
  const path = `${collectionPath(served, key.namespace ?? defaultNamespace)}/${segment('resource', key.name)}`;
  if (subresource === undefined) return path;
  return `${path}/${subresource.split('/').map(encodeURIComponent).join('/')}`;
}

/** `/api/v1`, `/apis/apps/v1` */
export function versionPath(apiVersion: string): string {
  const parts = apiVersion.split('/').map(encodeURIComponent);
  return `${parts.length === 1 ? '/api' : '/apis'}/${parts.join('/')}`;
}

/** With a query, if there is anything in it. */
export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false && value !== '') parameters.set(name, String(value));
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** The parts of a query that select objects. */
export function selectionQuery({ labelSelector, fieldSelector }: Selection): Query {
  return { labelSelector, fieldSelector };
}

/** A name as a part of a path, which it must not leave. */
function segment(what: string, name: unknown): string {
  if (typeof name !== 'string' || name === '') throw new TypeError(`${what} name may not be empty`);
  if (name === '.' || name === '..') throw new TypeError(`invalid ${what} name "${name}": [may not be '${name}']`);
  const bad = ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
  if (bad.length > 0) throw new TypeError(`invalid ${what} name ${JSON.stringify(name)}: [${bad.join(' ')}]`);
  return encodeURIComponent(name);
}
