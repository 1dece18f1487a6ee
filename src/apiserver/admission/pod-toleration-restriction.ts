import { errorText, newFailure, newNotFound, parseJson } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { configurationOf } from './configuration.ts';
import { groupResource } from '../registry/served.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPod } from './is-pod.ts';
import { isBestEffort } from 'nekube/quota';
import { areAllowed, mergeTolerations, type Toleration } from './tolerations.ts';

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const VERSIONS = ['podtolerationrestriction.admission.k8s.io/v1alpha1'];
const MEMORY_PRESSURE = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };

/** Pods get the tolerations that an annotation of their namespace has, and none that another one does not list. */
export function podTolerationRestriction(deps: PluginDeps): AdmissionPlugin {
  const found = configurationOf(deps.configurations, 'PodTolerationRestriction', 'Configuration', VERSIONS);
  const cluster = (field: string): readonly Toleration[] => (found?.[field] ?? []) as unknown as readonly Toleration[];
  const concerns = (attributes: AdmissionAttributes): boolean =>
    isPod(attributes) && (attributes.operation === 'CREATE' || attributes.operation === 'UPDATE');
  const check = async ({ namespace, object }: AdmissionAttributes): Promise<void> => {
    const own = await annotated(deps, namespace, ALLOWED);
    if (areAllowed(object!.spec.tolerations ?? [], own ?? cluster('whitelist'))) return;
    const start = 'pod tolerations (possibly merged with namespace default tolerations) conflict with its';
    throw newFailure(500, '', `${start} ${own === undefined ? 'cluster' : 'namespace'} whitelist`);
  };
  return {
    name: 'PodTolerationRestriction',
    async mutate(attributes) {
      if (!concerns(attributes)) return;
      const { operation, namespace, object } = attributes;
      const extra = operation === 'CREATE' ? ((await annotated(deps, namespace, DEFAULTS)) ?? cluster('default')) : [];
      const added = isBestEffort(object!) ? extra : [...extra, MEMORY_PRESSURE];
      if (added.length > 0) object!.spec.tolerations = mergeTolerations(object!.spec.tolerations ?? [], added);
      await check(attributes);
    },
    async validate(attributes) {
      if (concerns(attributes)) await check(attributes);
    },
  };
}

async function annotated(
  { store, resources }: PluginDeps,
  name: string,
  annotation: string,
): Promise<Toleration[] | undefined> {
  const resource = resources.builtin('', 'v1', 'namespaces');
  const namespace = await store.known(resource, '', name);
  if (namespace === undefined) throw newNotFound(groupResource(resource), name);
  const text = namespace.metadata.annotations?.[annotation];
  if (text === undefined || text === '') return text === undefined ? undefined : [];
  try {
    return parseJson(Buffer.from(text)) as unknown as Toleration[];
  } catch (error) {
    throw newFailure(500, '', errorText(error));
  }
}
