import { jsonEqual, type KubeObject, type OwnerReference, parseApiVersion } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { AuthorizationAttributes } from '../authorization/authorizer.ts';
import type { PluginDeps } from './plugin-deps.ts';

type Question = Omit<AuthorizationAttributes, 'user' | 'resourceRequest' | 'path'>;

/**
 * Who sets the owners of an object could delete it as well, since the garbage collector will; who blocks the deletion of
 * an owner could set its finalizers as well.
 */
export function ownerReferencesPermission(deps: PluginDeps): AdmissionPlugin {
  const refusal = async (attributes: AdmissionAttributes, question: Question): Promise<string | undefined> => {
    const asked = { user: attributes.user, resourceRequest: true, path: '', ...question };
    const { decision, reason, error } = await deps.authorizer.authorize(asked);
    return decision === 'allow' ? undefined : `${reason}, ${error ?? '<nil>'}`;
  };
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    async validate(attributes) {
      const { operation, resource, subresource, namespace, name, object, old } = attributes;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      if (resource.group === '' && resource.resource === 'pods' && subresource === 'status') return;
      if (!changesOwners(object, old)) return;
      if (operation === 'UPDATE') {
        const { group: apiGroup, version: apiVersion } = resource;
        const where = { namespace, apiGroup, apiVersion, resource: resource.resource, subresource, name };
        const why = await refusal(attributes, { verb: 'delete', ...where });
        if (why !== undefined)
          throw admissionForbidden(attributes, `cannot set an ownerRef on a resource you can't delete: ${why}`);
      }
      await checkBlocking(deps, attributes, refusal);
    },
  };
}

function changesOwners(object: KubeObject | undefined, old: KubeObject | undefined): boolean {
  if (object?.metadata === undefined) return false;
  return !jsonEqual(ownersOf(object) as never, ownersOf(old) as never);
}

function ownersOf(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata?.ownerReferences ?? [];
}

async function checkBlocking(
  deps: PluginDeps,
  attributes: AdmissionAttributes,
  refusal: (attributes: AdmissionAttributes, question: Question) => Promise<string | undefined>,
): Promise<void> {
  const blocked = new Set(ownersOf(attributes.old).flatMap((owner) => (owner.blockOwnerDeletion ? [owner.uid] : [])));
  const owners = ownersOf(attributes.object).filter((owner) => owner.blockOwnerDeletion && !blocked.has(owner.uid));
  if (owners.length === 0) return;
  const finalizers = { verb: 'update', subresource: 'finalizers' };
  const anything = { namespace: '', apiGroup: '*', apiVersion: '*', resource: '*', name: '*' };
  if ((await refusal(attributes, { ...finalizers, ...anything })) === undefined) return;
  for (const owner of owners) {
    const { group, version } = parseApiVersion(owner.apiVersion) ?? { group: '', version: '' };
    const resource = deps.resources.ofKind(group, version, owner.kind);
    if (resource === undefined) {
      const why = `no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`;
      throw admissionForbidden(
        attributes,
        `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}: ${why}`,
      );
    }
    const why = await refusal(attributes, {
      ...finalizers,
      namespace: resource.namespaced ? attributes.namespace : '',
      apiGroup: group,
      apiVersion: version,
      resource: resource.resource,
      name: owner.name,
    });
    if (why !== undefined)
      throw admissionForbidden(
        attributes,
        `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${why}`,
      );
  }
}
