import { type KubeObject, newForbidden, parseQuantity } from 'nekube/apimachinery';
import type { AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/served.ts';
import type { PluginDeps } from './plugin-deps.ts';

const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';

/** Only a bound claim may ask for more, and only where its storage class lets volumes grow. */
export function persistentVolumeClaimResize(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    async validate({ resource, subresource, name, object, old }) {
      if (resource.group !== '' || resource.resource !== 'persistentvolumeclaims' || subresource !== '') return;
      if (object === undefined || old === undefined || sizeOf(object).cmp(sizeOf(old)) <= 0) return;
      const refuse = (why: string) => newForbidden(groupResource(resource), name, why);
      if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
      if (classOf(object) === classOf(old) && (await grows(deps, classOf(object)))) return;
      throw refuse(
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    },
  };
}

function sizeOf({ spec }: KubeObject): ReturnType<typeof parseQuantity> {
  return parseQuantity(spec?.resources?.requests?.storage ?? '0');
}

function classOf({ metadata, spec }: KubeObject): string {
  return metadata.annotations?.[STORAGE_CLASS_BETA] ?? spec?.storageClassName ?? '';
}

async function grows({ resources, store }: PluginDeps, className: string): Promise<boolean> {
  if (className === '') return false;
  const storageClass = await store.known(resources.builtin('storage.k8s.io', 'v1', 'storageclasses'), '', className);
  return storageClass?.allowVolumeExpansion === true;
}
