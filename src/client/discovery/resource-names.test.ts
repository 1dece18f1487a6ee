import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonValue } from 'nekube/apimachinery';
import { ResourceNames } from './resource-names.ts';
import { discoverResources } from './served-resource.ts';

interface Named {
  readonly kind: string;
  readonly resource: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What a cluster serves: by group and version, in the order of preference. */
const SERVED: readonly (readonly [group: string, version: string, resources: readonly Named[]])[] = [
  [
    '',
    'v1',
    [
      { kind: 'Service', resource: 'services', shortNames: ['svc'], categories: ['all'] },
      { kind: 'Event', resource: 'events', shortNames: ['ev'] },
    ],
  ],
  ['apps', 'v1', [{ kind: 'Deployment', resource: 'deployments', shortNames: ['deploy'], categories: ['all'] }]],
  ['autoscaling', 'v2', [{ kind: 'HorizontalPodAutoscaler', resource: 'hpas', categories: ['all'] }]],
  ['autoscaling', 'v1', [{ kind: 'HorizontalPodAutoscaler', resource: 'hpas', categories: ['all'] }]],
  ['events.k8s.io', 'v1', [{ kind: 'Event', resource: 'events', shortNames: ['ev'] }]],
  ['example.com', 'v1alpha1', [{ kind: 'Deploy', resource: 'deploys', shortNames: ['svc'] }]],
];

const groups = [...new Set(SERVED.map(([group]) => group))];
const apiVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

function aggregated(of: readonly string[]): JsonValue {
  const items = of.map((group) => ({
    metadata: group === '' ? {} : { name: group },
    versions: SERVED.filter(([one]) => one === group).map(([, version, resources]) => ({
      version,
      resources: resources.map(({ kind, ...names }) => ({
        ...names,
        responseKind: { group, version, kind },
        scope: 'Namespaced',
        singularResource: kind.toLowerCase(),
        verbs: ['get', 'list'],
      })),
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items } as unknown as JsonValue;
}

/** A server from before aggregated discovery, by path. */
function plain(path: string): JsonValue {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path !== '/apis') {
    const found = SERVED.find(
      ([group, version]) => path === `/${group === '' ? 'api' : 'apis'}/${apiVersionOf(group, version)}`,
    );
    const resources = found![2].map(({ resource, ...names }) => ({
      ...names,
      name: resource,
      namespaced: true,
      singularName: '',
      verbs: ['get', 'list'],
    }));
    return { kind: 'APIResourceList', resources: [...resources, { name: 'x/status' }] } as unknown as JsonValue;
  }
  const listed = groups.slice(1).map((name) => {
    const versions = SERVED.filter(([group]) => group === name).map(([group, version]) => ({
      groupVersion: apiVersionOf(group, version),
    }));
    // the preferred version need not stand first
    return { name, versions: versions.toReversed(), preferredVersion: versions[0]! };
  });
  return { kind: 'APIGroupList', groups: listed };
}

const servers: Readonly<Record<string, (path: string) => JsonValue>> = {
  'aggregated discovery': (path) => aggregated(path === '/api' ? [''] : groups.slice(1)),
  'discovery version by version': plain,
};

/** What is typed, and the resource that kubectl takes it for. */
const NAMES: Readonly<Record<string, string | undefined>> = {
  deployments: 'apps/v1 deployments',
  deployment: 'apps/v1 deployments',
  Deployment: 'apps/v1 deployments',
  DEPLOY: 'example.com/v1alpha1 deploys',
  svc: 'v1 services',
  'svc.example.com': 'example.com/v1alpha1 deploys',
  'deployments.apps': 'apps/v1 deployments',
  'deploy.apps': 'apps/v1 deployments',
  'deployments.v1.apps': 'apps/v1 deployments',
  'deployments.v2.apps': undefined,
  events: 'v1 events',
  'events.events.k8s.io': 'events.k8s.io/v1 events',
  'ev.events': 'events.k8s.io/v1 events',
  'events.v1.events.k8s.io': 'events.k8s.io/v1 events',
  hpas: 'autoscaling/v2 hpas',
  'hpas.v1.autoscaling': 'autoscaling/v1 hpas',
  'HorizontalPodAutoscaler.v1.autoscaling': 'autoscaling/v1 hpas',
  'HorizontalPodAutoscaler.autoscaling': 'autoscaling/v2 hpas',
  pods: undefined,
  '': undefined,
  '.': undefined,
};

for (const [server, answer] of Object.entries(servers)) {
  describe(`names by ${server}`, async () => {
    const names = new ResourceNames(await discoverResources({ raw: async ({ path }) => answer(path) }));
    for (const [typed, expected] of Object.entries(NAMES)) {
      test(`${JSON.stringify(typed)} is ${expected ?? 'nothing'}`, () => {
        const found = names.find(typed);
        assert.equal(found && `${found.apiVersion} ${found.resource}`, expected);
      });
    }
    test('a category has each resource once, in its preferred version', () => {
      const found = names.category('all').map(({ apiVersion, resource }) => `${apiVersion} ${resource}`);
      assert.deepEqual(found, ['v1 services', 'apps/v1 deployments', 'autoscaling/v2 hpas']);
      assert.deepEqual(names.category('none'), []);
    });
  });
}

test('a version whose server does not answer is left out', async () => {
  const raw = async ({ path }: { readonly path: string }): Promise<JsonValue> => {
    if (path.endsWith('example.com/v1alpha1')) throw new Error('no endpoints');
    return plain(path);
  };
  const found = await discoverResources({ raw });
  assert.equal(found.length, 6);
});
