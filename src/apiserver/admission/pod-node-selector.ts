import { newForbidden, newFailure, newNotFound } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/store.ts';
import type { PluginDeps } from './index.ts';
import { isPod } from './is-pod.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

type Labels = Readonly<Record<string, string>>;

/** Pods get the node selector that an annotation of their namespace has. */
export function podNodeSelector(deps: PluginDeps): AdmissionPlugin {
  const check = async (attributes: AdmissionAttributes): Promise<Labels> => {
    const { resource, object } = attributes;
    const selector = await selectorOf(deps, attributes.namespace);
    const own: Labels = object!.spec.nodeSelector ?? {};
    if (!Object.entries(selector).some(([key, value]) => own[key] !== undefined && own[key] !== value)) return selector;
    const why = 'pod node label selector conflicts with its namespace node label selector';
    throw newForbidden(groupResource(resource), object!.metadata.name ?? '', why);
  };
  return {
    name: 'PodNodeSelector',
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const merged = { ...(await check(attributes)), ...attributes.object!.spec.nodeSelector };
      if (Object.keys(merged).length > 0) attributes.object!.spec.nodeSelector = merged;
    },
    async validate(attributes) {
      if (isPod(attributes) && attributes.operation === 'CREATE') await check(attributes);
    },
  };
}

async function selectorOf({ store, resources }: PluginDeps, name: string): Promise<Labels> {
  const resource = resources.builtin('', 'v1', 'namespaces');
  const namespace = await store.head(resource, '', name);
  if (namespace === undefined) throw newNotFound(groupResource(resource), name);
  const text = namespace.metadata.annotations?.[ANNOTATION] ?? '';
  return Object.fromEntries(text === '' ? [] : text.split(',').map(labelOf));
}

function labelOf(text: string): [string, string] {
  const parts = text.split('=');
  if (parts.length !== 2) throw newFailure(500, '', `invalid selector: [${parts.join(' ')}]`);
  return [parts[0]!.trim(), parts[1]!.trim()];
}
