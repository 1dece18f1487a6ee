import { newForbidden, newFailure, newNotFound } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/served.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPod } from './is-pod.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

type Labels = Readonly<Record<string, string>>;

/** Pods get the node selector that an annotation of their namespace has. */
export function podNodeSelector(deps: PluginDeps): AdmissionPlugin {
  const configured = (deps.configurations?.get('PodNodeSelector')?.podNodeSelectorPluginConfig ?? {}) as Labels;
  const check = async (attributes: AdmissionAttributes): Promise<Labels> => {
    const { resource, object } = attributes;
    const selector = await selectorOf(deps, attributes.namespace, configured);
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
      checkAllowed(attributes, labelsOf(configured[attributes.namespace] ?? ''));
    },
    async validate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      await check(attributes);
      checkAllowed(attributes, labelsOf(configured[attributes.namespace] ?? ''));
    },
  };
}

/** A namespace may be limited to some labels of nodes. */
function checkAllowed({ resource, object }: AdmissionAttributes, allowed: Labels): void {
  const own: Labels = object!.spec.nodeSelector ?? {};
  if (Object.keys(allowed).length === 0 || Object.entries(own).every(([key, value]) => allowed[key] === value)) return;
  const why = 'pod node label selector labels conflict with its namespace whitelist';
  throw newForbidden(groupResource(resource), object!.metadata.name ?? '', why);
}

async function selectorOf({ store, resources }: PluginDeps, name: string, configured: Labels): Promise<Labels> {
  const resource = resources.builtin('', 'v1', 'namespaces');
  const namespace = await store.known(resource, '', name);
  if (namespace === undefined) throw newNotFound(groupResource(resource), name);
  return labelsOf(namespace.metadata.annotations?.[ANNOTATION] ?? configured.clusterDefaultNodeSelector ?? '');
}

function labelsOf(text: string): Labels {
  return Object.fromEntries(text === '' ? [] : text.split(',').map(labelOf));
}

function labelOf(text: string): [string, string] {
  const parts = text.split('=');
  if (parts.length !== 2) throw newFailure(500, '', `invalid selector: [${parts.join(' ')}]`);
  return [parts[0]!.trim(), parts[1]!.trim()];
}
