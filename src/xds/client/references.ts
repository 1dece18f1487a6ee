import { CLUSTER_URL, ENDPOINT_URL, RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { ResourceKey } from '../resources/snapshot.ts';

const urlOf = (name: string): string => RESOURCE_TYPES.find((type) => type.name === name)!.url;
const [ROUTE, SECRET, EXTENSION] = ['route', 'secret', 'extension'].map(urlOf) as [string, string, string];

type Fields = Readonly<Record<string, unknown>>;

/** The resources that a message asks for by name, as an Envoy that has it would ask on the same stream. */
export function referencesOf(message: Fields): ResourceKey[] {
  const keys = new Map<string, ResourceKey>();
  const add = (type: string, name: unknown): void => {
    if (typeof name === 'string' && name !== '') keys.set(`${type} ${name}`, { type, name });
  };
  if (message['@type'] === CLUSTER_URL && message.type === 'EDS') {
    const { service_name } = (message.eds_cluster_config ?? {}) as Fields;
    add(ENDPOINT_URL, service_name || message.name);
  }
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Fields;
    if (isFromServer(fields.config_source)) add(ROUTE, fields.route_config_name);
    if (isFromServer(fields.sds_config)) add(SECRET, fields.name);
    const { config_discovery } = fields;
    if (typeof config_discovery === 'object' && isFromServer((config_discovery as Fields | null)?.config_source))
      add(EXTENSION, fields.name);
    for (const one of Object.values(fields)) visit(one);
  };
  visit(message);
  return [...keys.values()];
}

function isFromServer(source: unknown): boolean {
  return typeof source === 'object' && source !== null && ('ads' in source || 'self' in source);
}
