import {
  errorText,
  type KubeObject,
  LabelSelector,
  labelSelectorFromObject,
  type LabelSelectorObject,
  newInternalError,
  newNotFound,
} from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';

/** Finds namespaces, from what is known of them or, if that is behind, from the storage. */
export type Namespaces = (name: string) => Promise<KubeObject | undefined>;

/** The namespaces of a server. */
export function namespacesOf({ informers, resources, store }: PluginDeps): Namespaces {
  const resource = resources.builtin('', 'v1', 'namespaces');
  const known = informers.of('', 'v1', 'namespaces');
  return async (name) => (name === '' ? undefined : (known.get('', name) ?? store.known(resource, '', name)));
}

const compiled = new WeakMap<object, LabelSelector>();

/** A selector of an object that is never changed, compiled once. Without one everything is selected. */
export function selectorOf(selector: LabelSelectorObject | undefined): LabelSelector {
  if (selector === undefined) return LabelSelector.everything;
  let known = compiled.get(selector);
  if (known === undefined) compiled.set(selector, (known = compile(selector)));
  return known;
}

function compile(selector: LabelSelectorObject): LabelSelector {
  try {
    return labelSelectorFromObject(selector);
  } catch (error) {
    throw newInternalError(errorText(error));
  }
}

/**
 * Whether a request's namespace is selected; what is of the cluster always is, except namespaces themselves.
 *
 * @throws StatusError NotFound where the namespace is not there
 */
export async function namespaceSelected(
  selector: LabelSelectorObject | undefined,
  attributes: AdmissionAttributes,
  namespaces: Namespaces,
): Promise<boolean> {
  const { namespace, resource } = attributes;
  if (namespace === '' && resource.resource !== 'namespaces') return true;
  const labels = selectorOf(selector);
  if (labels.isEmpty) return true;
  return labels.matches(await labelsOfNamespace(attributes, namespaces));
}

/** Labels that a write gives to a namespace count at once; a delete shows those that it has. */
async function labelsOfNamespace(
  { namespace, resource, subresource, object, old }: AdmissionAttributes,
  namespaces: Namespaces,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (resource.resource === 'namespaces' && subresource === '') return (object ?? old)?.metadata.labels;
  const found = await namespaces(namespace);
  if (found === undefined) throw newNotFound({ group: '', resource: 'namespaces' }, namespace);
  return found.metadata.labels;
}

/** Whether the new object or the old one is selected. */
export function objectSelected(
  selector: LabelSelectorObject | undefined,
  objects: readonly (KubeObject | undefined)[],
): boolean {
  const labels = selectorOf(selector);
  if (labels.isEmpty) return true;
  return objects.some((object) => object?.metadata !== undefined && labels.matches(object.metadata.labels));
}
