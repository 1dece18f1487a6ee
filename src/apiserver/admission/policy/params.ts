import { type KubeObject, parseApiVersion } from 'nekube/apimachinery';
import type { ServedResource } from '../../registry/served.ts';
import { selectorOf } from '../match/selectors.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import type { ParamKind, ParamRef } from './policies.ts';

/** The parameters of a policy for one of its bindings; one that is undefined stands for none at all. */
export type Params = readonly (KubeObject | undefined)[];

/** The resource of a policy's parameters. @throws Error where there is none of the kind */
export function paramResource({ resources }: PluginDeps, { apiVersion, kind }: ParamKind): ServedResource {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion };
  const found = resources.ofKind(group, version, kind);
  if (found !== undefined) return found;
  throw new Error(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`);
}

/**
 * Reads the parameters that a binding refers to. None at all, without an error, means that the policy does not apply.
 *
 * @param resource of the policy's parameters; undefined if it has none
 * @throws Error
 */
export async function collectParams(
  deps: PluginDeps,
  resource: ServedResource | undefined,
  reference: ParamRef | undefined,
  namespace: string,
): Promise<Params> {
  if (resource === undefined || reference === undefined) return [undefined];
  const { name = '', selector, parameterNotFoundAction } = reference;
  const from = namespaceOf(resource, reference, namespace);
  const found = name === '' ? await selected(deps, resource, from, selector) : await named(deps, resource, from, name);
  if (found.length === 0 && parameterNotFoundAction === 'Deny')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  return Promise.all(found.map((object) => resource.fromHub(object)));
}

function namespaceOf(resource: ServedResource, { namespace = '' }: ParamRef, ofRequest: string): string {
  if (!resource.namespaced) {
    if (namespace === '') return '';
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  if (namespace !== '') return namespace;
  if (ofRequest !== '') return ofRequest;
  throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

async function named(
  { store }: PluginDeps,
  resource: ServedResource,
  namespace: string,
  name: string,
): Promise<KubeObject[]> {
  const found = await store.known(resource, namespace, name);
  return found === undefined ? [] : [found];
}

async function selected(
  { store, storage }: PluginDeps,
  resource: ServedResource,
  namespace: string,
  selector: ParamRef['selector'],
): Promise<KubeObject[]> {
  const prefix = resource.namespaced ? `${resource.keyPrefix}${namespace}/` : resource.keyPrefix;
  const { entries } = await storage.range(prefix);
  const labels = selectorOf(selector);
  return entries
    .map((entry) => store.decode(resource, entry))
    .filter(({ metadata }) => labels.matches(metadata.labels));
}
