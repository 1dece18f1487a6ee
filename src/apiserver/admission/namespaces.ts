import { isStatusError, newNotFound } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import { ensureObject } from '../system-objects.ts';
import type { PluginDeps } from './plugin-deps.ts';

function isInNamespace({ namespace, kind }: AdmissionAttributes): boolean {
  return namespace !== '' && !(kind.group === '' && kind.kind === 'Namespace');
}

async function exists({ store, resources }: PluginDeps, name: string): Promise<boolean> {
  return (await store.known(resources.builtin('', 'v1', 'namespaces'), '', name)) !== undefined;
}

/** Nothing is written into a namespace that is not there. */
export function namespaceExists(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    async validate(attributes) {
      const { operation, namespace } = attributes;
      if (operation === 'CONNECT' || !isInNamespace(attributes) || (await exists(deps, namespace))) return;
      throw newNotFound({ group: '', resource: 'namespaces' }, namespace);
    },
  };
}

/** A namespace is made when something is to be made in it. */
export function namespaceAutoProvision(deps: PluginDeps): AdmissionPlugin {
  const resource = deps.resources.builtin('', 'v1', 'namespaces');
  return {
    name: 'NamespaceAutoProvision',
    async mutate(attributes) {
      const { operation, namespace, dryRun } = attributes;
      if (operation !== 'CREATE' || dryRun || !isInNamespace(attributes) || (await exists(deps, namespace))) return;
      const { object } = resource.decode({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      try {
        await ensureObject(deps, deps.now(), resource, object);
      } catch (error) {
        throw isStatusError(error) ? admissionForbidden(attributes, error.message) : error;
      }
    },
  };
}
