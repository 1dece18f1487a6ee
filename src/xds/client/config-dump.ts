import { redact } from '../codec/redact.ts';
import { nameOfUrl, TYPE_PREFIX } from '../codec/registry.ts';
import { RESOURCE_TYPES, type ResourceType } from '../resources/resource-types.ts';
import type { ReceivedResource } from './ads-client.ts';
import type { Collected } from './collect.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where a type stands in Envoy's dump: the message of its part, the list, and the field within an entry. */
interface Place {
  readonly dump: string;
  readonly list: string;
  readonly field: string;
  /** The entry has the resource within this one. */
  readonly state?: string;
}

const PLACES: Readonly<Record<string, Place>> = {
  cluster: { dump: 'ClustersConfigDump', list: 'dynamic_active_clusters', field: 'cluster' },
  endpoint: { dump: 'EndpointsConfigDump', list: 'dynamic_endpoint_configs', field: 'endpoint_config' },
  secret: { dump: 'SecretsConfigDump', list: 'dynamic_active_secrets', field: 'secret' },
  extension: { dump: 'EcdsConfigDump', list: 'ecds_filters', field: 'ecds_filter' },
  listener: { dump: 'ListenersConfigDump', list: 'dynamic_listeners', field: 'listener', state: 'active_state' },
  route: { dump: 'RoutesConfigDump', list: 'dynamic_route_configs', field: 'route_config' },
};
const NAMED = new Set(['listener', 'secret']);

/**
 * Resources as Envoy's admin endpoint shows them (`/config_dump`), by name, without times. Private keys and credentials are not
 * in it.
 */
export function configDump(collected: Collected): { readonly configs: readonly Fields[] } {
  const configs = RESOURCE_TYPES.flatMap((type) => {
    const place = PLACES[type.name];
    const resources = [...(collected.get(type.url)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (place === undefined || resources.length === 0) return [];
    const entries = resources.map((resource) => entryOf(type, place, resource));
    return [{ '@type': `${TYPE_PREFIX}envoy.admin.v3.${place.dump}`, [place.list]: entries }];
  });
  return { configs };
}

function entryOf(type: ResourceType, place: Place, { name, version, message }: ReceivedResource): Fields {
  const state = { version_info: version, [place.field]: redact(type.message, message) };
  return {
    ...(NAMED.has(type.name) && { name }),
    ...(place.state === undefined ? state : { [place.state]: state }),
  };
}

/** The resources of a dump, Envoy's own or one of {@link configDump}; what is static in an Envoy is left out. */
export function readConfigDump(dump: unknown): Collected {
  const collected = new Map<string, Map<string, ReceivedResource>>();
  const { configs } = (dump ?? {}) as { readonly configs?: readonly Fields[] };
  if (!Array.isArray(configs)) throw new TypeError('it has no list "configs"');
  for (const type of RESOURCE_TYPES) {
    const place = PLACES[type.name];
    if (place === undefined) continue;
    const part = configs.find((one) => nameOfUrl(String(one['@type'])) === `envoy.admin.v3.${place.dump}`);
    const entries = (part?.[place.list] ?? []) as readonly Fields[];
    const resources = entries.map((entry) =>
      place.state === undefined ? entry : ((entry[place.state] ?? {}) as Fields),
    );
    const named = new Map<string, ReceivedResource>();
    for (const entry of resources) {
      const message = entry[place.field] as Fields | undefined;
      if (message === undefined) continue;
      const name = String(message[type.nameField] ?? '');
      named.set(name, { name, version: String(entry.version_info ?? ''), message });
    }
    collected.set(type.url, named);
  }
  return collected;
}
