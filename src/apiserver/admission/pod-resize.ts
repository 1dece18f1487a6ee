import { newForbidden } from 'nekube/apimachinery';
import type { AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/store.ts';
import type { PluginDeps } from './index.ts';

/** A pod is resized only where its node is known and can do it. */
export function podResizeValidator(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    async validate({ operation, resource, subresource, object, name }) {
      if (operation !== 'UPDATE' || resource.resource !== 'pods' || resource.group !== '' || subresource !== 'resize')
        return;
      const node = object!.spec.nodeName;
      if (!node) return;
      if ((await deps.store.head(deps.resources.builtin('', 'v1', 'nodes'), '', node)) === undefined)
        throw newForbidden(groupResource(resource), name, `node "${node}" not found`);
    },
  };
}
