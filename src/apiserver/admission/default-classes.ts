import type { KubeObject } from 'nekube/apimachinery';
import type { AdmissionPlugin } from '../admission.ts';
import type { ServedResource } from '../registry/served.ts';
import type { PluginDeps } from './plugin-deps.ts';

const STORAGE_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const STORAGE_DEFAULT_BETA = 'storageclass.beta.kubernetes.io/is-default-class';
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';
const INGRESS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';

/** A claim without a class gets the newest default one, where there is one. */
export function defaultStorageClass(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    async mutate({ operation, resource, subresource, object }) {
      if (
        operation !== 'CREATE' ||
        subresource !== '' ||
        resource.group !== '' ||
        resource.resource !== 'persistentvolumeclaims'
      )
        return;
      const { metadata, spec } = object!;
      if (spec.storageClassName !== undefined || metadata.annotations?.[STORAGE_CLASS_BETA] !== undefined) return;
      const classes = await all(deps, deps.resources.builtin('storage.k8s.io', 'v1', 'storageclasses'));
      const defaults = classes.filter((c) => isTrue(c, STORAGE_DEFAULT) || isTrue(c, STORAGE_DEFAULT_BETA));
      const chosen = defaults.sort(newestFirst)[0];
      if (chosen !== undefined) spec.storageClassName = chosen.metadata.name;
    },
  };
}

/** An ingress without a class gets the newest default one, where there is one. */
export function defaultIngressClass(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    async mutate({ operation, resource, subresource, object }) {
      if (operation !== 'CREATE' || subresource !== '' || resource.resource !== 'ingresses') return;
      const { metadata, spec } = object!;
      if (spec?.ingressClassName !== undefined || metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined)
        return;
      const classes = await all(deps, deps.resources.builtin('networking.k8s.io', 'v1', 'ingressclasses'));
      const defaults = classes.filter((c) => isTrue(c, INGRESS_DEFAULT)).sort(newestFirst);
      if (defaults[0] !== undefined) spec.ingressClassName = defaults[0].metadata.name;
    },
  };
}

async function all(deps: PluginDeps, resource: ServedResource): Promise<KubeObject[]> {
  const { entries } = await deps.storage.range(resource.keyPrefix);
  return entries.map((entry) => deps.store.decode(resource, entry));
}

function isTrue(object: KubeObject, annotation: string): boolean {
  return object.metadata.annotations?.[annotation] === 'true';
}

function newestFirst(a: KubeObject, b: KubeObject): number {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (x !== y) return x < y ? 1 : -1;
  return a.metadata.name! < b.metadata.name! ? -1 : 1;
}
