import { newFailure, newForbidden, newNotFound } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/served.ts';
import type { PluginDeps } from './plugin-deps.ts';

/** Namespaces that a cluster cannot be without. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Objects are made in namespaces that exist and are not on their way out; some namespaces stay. */
export function namespaceLifecycle(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async mutate(attributes) {
      const { operation, resource, name } = attributes;
      if (isNamespaces(attributes)) {
        if (operation === 'DELETE' && IMMORTAL.has(name) && attributes.subresource === '')
          throw newForbidden(groupResource(resource), name, 'this namespace may not be deleted');
        return;
      }
      if (!resource.namespaced || operation === 'DELETE' || isAccessReview(attributes)) return;
      await checkNamespace(deps, attributes);
    },
  };
}

function isNamespaces({ resource }: AdmissionAttributes): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}

function isAccessReview({ resource }: AdmissionAttributes): boolean {
  return resource.group === 'authorization.k8s.io' && resource.resource === 'localsubjectaccessreviews';
}

async function checkNamespace(deps: PluginDeps, attributes: AdmissionAttributes): Promise<void> {
  const { namespace, operation } = attributes;
  const namespaces = deps.resources.builtin('', 'v1', 'namespaces');
  const found = await deps.store.known(namespaces, '', namespace);
  if (found === undefined) throw newNotFound(groupResource(namespaces), namespace);
  if (operation !== 'CREATE' || found.status?.phase !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = admissionForbidden(attributes, why);
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  throw newFailure(403, 'Forbidden', status.message!, { ...status.details, causes });
}
