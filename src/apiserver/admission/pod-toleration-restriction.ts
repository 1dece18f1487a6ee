import { newFailure, newNotFound, parseJson } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/store.ts';
import type { PluginDeps } from './index.ts';
import { isPod } from './is-pod.ts';
import { isBestEffort } from './pod-resources.ts';
import { areAllowed, mergeTolerations, type Toleration } from './tolerations.ts';

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const MEMORY_PRESSURE = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };

/** Pods get the tolerations that an annotation of their namespace has, and none that another one does not list. */
export function podTolerationRestriction(deps: PluginDeps): AdmissionPlugin {
  const concerns = (attributes: AdmissionAttributes): boolean =>
    isPod(attributes) && (attributes.operation === 'CREATE' || attributes.operation === 'UPDATE');
  const check = async ({ namespace, object }: AdmissionAttributes): Promise<void> => {
    if (areAllowed(object!.spec.tolerations ?? [], await annotated(deps, namespace, ALLOWED))) return;
    const end = 'conflict with its namespace whitelist';
    throw newFailure(500, '', `pod tolerations (possibly merged with namespace default tolerations) ${end}`);
  };
  return {
    name: 'PodTolerationRestriction',
    async mutate(attributes) {
      if (!concerns(attributes)) return;
      const { operation, namespace, object } = attributes;
      const extra = operation === 'CREATE' ? await annotated(deps, namespace, DEFAULTS) : [];
      const added = isBestEffort(object!) ? extra : [...extra, MEMORY_PRESSURE];
      if (added.length > 0) object!.spec.tolerations = mergeTolerations(object!.spec.tolerations ?? [], added);
      await check(attributes);
    },
    async validate(attributes) {
      if (concerns(attributes)) await check(attributes);
    },
  };
}

async function annotated({ store, resources }: PluginDeps, name: string, annotation: string): Promise<Toleration[]> {
  const resource = resources.builtin('', 'v1', 'namespaces');
  const namespace = await store.head(resource, '', name);
  if (namespace === undefined) throw newNotFound(groupResource(resource), name);
  const text = namespace.metadata.annotations?.[annotation] ?? '';
  if (text === '') return [];
  try {
    return parseJson(Buffer.from(text)) as unknown as Toleration[];
  } catch (error) {
    throw newFailure(500, '', error instanceof Error ? error.message : String(error));
  }
}
