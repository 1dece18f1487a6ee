import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { METRICS } from './objects.ts';

const VERBS = ['get', 'list'];
const RESOURCES = [
  { name: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { name: 'pods', kind: 'PodMetrics', namespaced: true },
];

const version = { groupVersion: METRICS.groupVersion, version: METRICS.version };
const group = { name: METRICS.group, versions: [version], preferredVersion: version };

/** What is told of the API, by path. */
export const DOCUMENTS: ReadonlyMap<string, JsonValue> = new Map<string, JsonObject>([
  ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] }],
  [`/apis/${METRICS.group}`, { kind: 'APIGroup', apiVersion: 'v1', ...group }],
  [
    `/apis/${METRICS.groupVersion}`,
    {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: METRICS.groupVersion,
      resources: RESOURCES.map((one) => ({ ...one, singularName: '', verbs: VERBS })),
    },
  ],
]);

/** The same in the aggregated form, which is asked for at `/apis`. */
export const GROUP_DISCOVERY = {
  code: 200,
  type: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  body: {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [
      {
        metadata: { name: METRICS.group },
        versions: [
          {
            version: METRICS.version,
            resources: RESOURCES.map(({ name, kind, namespaced }) => ({
              resource: name,
              responseKind: { group: METRICS.group, version: METRICS.version, kind },
              scope: namespaced ? 'Namespaced' : 'Cluster',
              singularResource: '',
              verbs: VERBS,
            })),
            freshness: 'Current',
          },
        ],
      },
    ],
  },
} as const satisfies { code: number; type: string; body: JsonValue };
