import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { APPLYSET, type ParentRef } from './applyset.ts';

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/** Built-in kinds that may be parents, by what they are called. */
const BUILT_IN: Readonly<Record<string, Pick<ParentRef, 'kind' | 'resource'>>> = {
  secret: { kind: 'Secret', resource: 'secrets' },
  secrets: { kind: 'Secret', resource: 'secrets' },
  configmap: { kind: 'ConfigMap', resource: 'configmaps' },
  configmaps: { kind: 'ConfigMap', resource: 'configmaps' },
  cm: { kind: 'ConfigMap', resource: 'configmaps' },
};

/** A set that cannot be worked on; nothing was written. */
export class ApplySetError extends Error {
  override readonly name = 'ApplySetError';
}

/**
 * Finds out which object `[RESOURCE[.GROUP]/]NAME` is: a Secret, unless it says otherwise; custom resources may be parents
 * if their definition is labelled so.
 *
 * @throws ApplySetError in kubectl's words
 */
export async function resolveParent(
  client: Pick<Client, 'list'>,
  text: string,
  namespace: string | undefined,
): Promise<ParentRef> {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (name === '') throw new ApplySetError(`invalid parent reference ${JSON.stringify(text)}: name cannot be blank`);
  const type = slash < 0 ? 'secrets' : text.slice(0, slash);
  const found = builtIn(type) ?? (await customParent(client, type));
  if (found === undefined) {
    const fix = `use a Secret, a ConfigMap, or a custom resource whose definition is labelled ${APPLYSET.parentType}`;
    throw new ApplySetError(`resource ${JSON.stringify(type)} is not permitted as an ApplySet parent; ${fix}`);
  }
  const { namespaced, ...parent } = found;
  if (namespaced && (namespace ?? '') === '')
    throw new ApplySetError('namespace is required to use namespace-scoped ApplySet; name one with --namespace');
  return { ...parent, name, namespace: namespaced ? namespace! : '' };
}

type Found = Omit<ParentRef, 'name' | 'namespace'> & { readonly namespaced: boolean };

/** With a dot behind it, too, as kubectl writes it. */
function builtIn(type: string): Found | undefined {
  const name = type.toLowerCase().replace(/\.$/, '');
  if (!Object.hasOwn(BUILT_IN, name)) return undefined;
  return { apiVersion: 'v1', group: '', ...BUILT_IN[name]!, namespaced: true };
}

async function customParent(client: Pick<Client, 'list'>, type: string): Promise<Found | undefined> {
  const { items } = await client.list(DEFINITION, { labelSelector: APPLYSET.parentType });
  const [resource = '', ...group] = type.toLowerCase().split('.');
  const definition = items.find(
    ({ spec }: KubeObject) =>
      [spec.names.plural, spec.names.singular, ...(spec.names.shortNames ?? [])].includes(resource) &&
      (group.length === 0 || spec.group === group.join('.')),
  );
  if (definition === undefined) return undefined;
  const { group: ofGroup, names, scope, versions } = definition.spec;
  const version = (versions as { name: string; served: boolean }[]).find(({ served }) => served)?.name;
  if (version === undefined) return undefined;
  return {
    apiVersion: `${ofGroup}/${version}`,
    group: ofGroup,
    kind: names.kind,
    resource: names.plural,
    namespaced: scope === 'Namespaced',
  };
}
