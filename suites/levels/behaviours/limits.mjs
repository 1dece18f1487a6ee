// What a namespace allows, which addresses services get, and how pods are evicted and scaled.
import {
  behaviour,
  configMap,
  deployment,
  DEPLOYMENT,
  LIMIT_RANGE,
  make,
  PDB,
  POD,
  pod,
  QUOTA,
  SERVICE,
} from '../objects.mjs';

const EVICTION = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: {} };
const EVICT = '/api/v1/namespaces/{{id}}/pods/p/eviction';

/** A quota, and its status as its controller would write it. */
function quota(hard, used) {
  return [
    ['create', make(QUOTA, 'q', { spec: { hard } })],
    ['status', QUOTA, 'q', { hard, used }],
  ];
}
function eviction(rest = {}) {
  return ['send', 'POST', EVICT, { ...EVICTION, metadata: { name: 'p' }, ...rest }];
}
function running(name) {
  return [
    ['create', pod(name, { nodeName: 'node', metadata: { labels: { app: 'p' } } })],
    ['status', POD, name, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }],
  ];
}
function service(name, spec) {
  return make(SERVICE, name, { spec: { ports: [{ port: 80 }], ...spec } });
}
const main = (resources) => pod('p', { containers: [{ name: 'main', image: 'a', resources }] });

/** The status of a budget that lets no pod go, as its controller would write it. */
const NONE_ALLOWED = {
  observedGeneration: 1,
  disruptionsAllowed: 0,
  currentHealthy: 1,
  desiredHealthy: 1,
  expectedPods: 1,
};
const MANY = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`pod-${i}`, '2026-01-02T03:04:05Z']));
const notAllowed = (reason, message) => ({
  type: 'DisruptionAllowed',
  status: 'False',
  reason,
  message,
  lastTransitionTime: '2026-01-02T03:04:05Z',
});

export const limits = [
  behaviour(
    'a quota that is used up refuses, and says how much was asked for',
    ...quota({ 'count/configmaps': '2' }, { 'count/configmaps': '1' }),
    ['until', 201, ['create', configMap('probe'), { dryRun: true }]],
    ['create', configMap('a')],
    ['until', 403, ['create', configMap('b')]],
  ),
  behaviour(
    'a quota of cpu asks every pod how much it takes',
    ...quota({ 'requests.cpu': '1', pods: '5' }, { 'requests.cpu': '500m', pods: '1' }),
    ['until', 403, ['create', main({}), { dryRun: true }], 'must specify'],
    ['create', main({ requests: { cpu: '600m' } })],
    ['create', main({ requests: { cpu: '400m' } })],
    ['get', QUOTA, 'q'],
  ),
  behaviour(
    'a limit range sets what containers do not say',
    [
      'create',
      make(LIMIT_RANGE, 'l', {
        spec: { limits: [{ type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '1' } }] },
      }),
    ],
    ['until', 201, ['create', main({}), { dryRun: true }], '"requests":{"cpu":"1"}'],
    ['create', main({ requests: { memory: '1Mi' } })],
  ),
  behaviour(
    'a limit range refuses what is too much, too little, or out of proportion',
    [
      'create',
      make(LIMIT_RANGE, 'l', {
        spec: {
          limits: [{ type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '2' } }],
        },
      }),
    ],
    ['until', 403, ['create', main({ requests: { cpu: '50m' }, limits: { cpu: '3' } }), { dryRun: true }]],
    ['create', main({ requests: { cpu: '200m' }, limits: { cpu: '300m' } })],
  ),
  behaviour('a limit range that contradicts itself is refused', [
    'create',
    make(LIMIT_RANGE, 'l', {
      spec: {
        limits: [
          { type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } },
          { type: 'Pod', default: { cpu: '1' } },
        ],
      },
    }),
  ]),
  behaviour(
    'a service gets an address of its own, or none',
    ['create', service('a', {})],
    ['create', service('b', { clusterIP: 'None', selector: { app: 'b' } })],
    ['create', make(SERVICE, 'c', { spec: { type: 'ExternalName', externalName: 'example.com' } })],
  ),
  behaviour(
    'the address of a service is kept, and is nobody else’s',
    // so that the first does not get by chance what it is to ask for later
    ({ client }) => client.create(service('other', { clusterIP: '10.0.0.254' })).catch(() => {}),
    ['create', service('a', {})],
    async (world) => {
      const { clusterIP } = world.last.spec;
      world.varies(clusterIP);
      await world.create(service('b', { clusterIP }));
      await world.patch(SERVICE, 'a', { merge: { spec: { ports: [{ port: 81 }] } } });
      world.note('it kept its address', world.last.spec.clusterIP === clusterIP);
      await world.patch(SERVICE, 'a', { merge: { spec: { clusterIP: '10.0.0.254', clusterIPs: ['10.0.0.254'] } } });
    },
    ['create', service('c', { clusterIP: '192.168.7.7' })],
  ),
  behaviour(
    'a service on all nodes gets a port of the range, and gives it back',
    ['create', service('a', { type: 'NodePort' })],
    ['patch', SERVICE, 'a', { merge: { spec: { type: 'ClusterIP' } } }],
    ['create', service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })],
  ),
  behaviour(
    'a service to be balanced has a status that others write',
    ['create', service('a', { type: 'LoadBalancer' })],
    ['status', SERVICE, 'a', { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } }],
    ['patch', SERVICE, 'a', { merge: { spec: { type: 'ClusterIP' } } }],
  ),
  behaviour(
    'a budget that allows no disruption refuses an eviction',
    ...running('p'),
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    [
      'status',
      PDB,
      'b',
      { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    ],
    eviction(),
    ['get', POD, 'p'],
  ),
  behaviour(
    'a budget counts the evictions that it allows',
    ...running('p'),
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    [
      'status',
      PDB,
      'b',
      { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
    ],
    eviction({ deleteOptions: { dryRun: ['All'] } }),
    eviction(),
    ['get', PDB, 'b'],
  ),
  behaviour(
    'a pod that is not ready goes while enough others are healthy',
    ['create', pod('p', { nodeName: 'node', metadata: { labels: { app: 'p' } } })],
    ['status', POD, 'p', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }],
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    [
      'status',
      PDB,
      'b',
      { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: 1 },
    ],
    eviction(),
    ['status', PDB, 'b', { currentHealthy: 1 }],
    eviction(),
    ['get', PDB, 'b'],
    ['get', POD, 'p'],
  ),
  behaviour(
    'a budget that is behind asks to wait, and two are too many',
    ...running('p'),
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    async (world) => {
      const path = world.fill(EVICT);
      const { status, headers } = await world.once(
        'POST',
        path,
        JSON.stringify({ ...EVICTION, metadata: { name: 'p' } }),
      );
      world.note('it is asked to wait', { status, seconds: headers['retry-after'] });
    },
    ['create', make(PDB, 'c', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    eviction(),
  ),
  behaviour(
    'what a budget says of why it lets no pod go is told to who evicts',
    ...running('p'),
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    ['status', PDB, 'b', { ...NONE_ALLOWED, conditions: [notAllowed('SyncFailed', 'found no controllers')] }],
    eviction(),
    ['status', PDB, 'b', { currentHealthy: 3, conditions: [notAllowed('OutOfHours', 'it is night')] }],
    eviction(),
    ['status', PDB, 'b', { currentHealthy: 3, conditions: [notAllowed('InsufficientPods', '')] }],
    eviction(),
    ['get', POD, 'p'],
  ),
  behaviour(
    'a pod that is not ready goes always where the budget says so, and is not counted',
    ['create', pod('p', { nodeName: 'node', metadata: { labels: { app: 'p' } } })],
    ['status', POD, 'p', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }],
    [
      'create',
      make(PDB, 'b', {
        spec: {
          minAvailable: 1,
          selector: { matchLabels: { app: 'p' } },
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      }),
    ],
    ['status', PDB, 'b', { ...NONE_ALLOWED, currentHealthy: 0 }],
    eviction(),
    ['get', PDB, 'b'],
    ['get', POD, 'p'],
  ),
  behaviour(
    'an eviction is of the pod that was meant, and of no other version of it',
    ...running('p'),
    eviction({ deleteOptions: { preconditions: { uid: 'another' } } }),
    eviction({ deleteOptions: { preconditions: { resourceVersion: '1' } } }),
    ['get', POD, 'p'],
    async (world) => {
      const path = world.fill(EVICT);
      const { resourceVersion, uid } = (await world.client.get(POD, { name: 'p' })).metadata;
      const deleteOptions = { preconditions: { resourceVersion, uid }, gracePeriodSeconds: 0 };
      const body = JSON.stringify({ ...EVICTION, metadata: { name: 'p' }, deleteOptions });
      const { status } = await world.once('POST', path, body);
      world.note('it is evicted in its own version', { status });
    },
    ['get', POD, 'p'],
  ),
  behaviour(
    'an eviction has options that it does not take, and a budget that lets too many go',
    ...running('p'),
    eviction({ deleteOptions: { ignoreStoreReadErrorWithClusterBreakingPotential: true } }),
    ['create', make(PDB, 'b', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } } })],
    ['status', PDB, 'b', { ...NONE_ALLOWED, disruptionsAllowed: 1, disruptedPods: MANY }],
    eviction(),
  ),
  behaviour(
    'a pod that is a target already stays one, with the condition in its place',
    ['create', pod('p', { nodeName: 'node' })],
    [
      'status',
      POD,
      'p',
      {
        phase: 'Running',
        conditions: [
          { type: 'DisruptionTarget', status: 'True', reason: 'Other', lastTransitionTime: '2026-01-02T03:04:05Z' },
          { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' },
        ],
      },
    ],
    eviction(),
    ['get', POD, 'p'],
  ),
  behaviour(
    'without a budget an eviction is a deletion',
    ['create', pod('p')],
    eviction(),
    ['get', POD, 'p'],
    eviction(),
  ),
  behaviour(
    'the scale of a deployment is a view of it',
    ['create', deployment('web', { replicas: 2 })],
    ['get', DEPLOYMENT, 'web', { subresource: 'scale' }],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replicas: 5 } } }, { subresource: 'scale' }],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replicas: -1 } } }, { subresource: 'scale' }],
    ['get', DEPLOYMENT, 'web'],
  ),
  behaviour(
    'a write of the status leaves the spec alone, and the other way round',
    ['create', { ...deployment('web'), status: { replicas: 7 } }],
    [
      'patch',
      DEPLOYMENT,
      'web',
      { merge: { spec: { replicas: 9 }, status: { replicas: 3 } } },
      { subresource: 'status' },
    ],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replicas: 9 }, status: { replicas: 4 } } }],
    ['status', DEPLOYMENT, 'web', { replicas: -1 }],
  ),
  behaviour(
    'a pod is bound to a node once',
    ['create', pod('p')],
    [
      'below',
      POD,
      'p',
      'binding',
      { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'node' } },
    ],
    [
      'below',
      POD,
      'p',
      'binding',
      { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'other' } },
    ],
    ['get', POD, 'p'],
  ),
  behaviour(
    'what runs in a pod is resized in place, and an ephemeral container is added',
    ['create', main({ requests: { cpu: '1' } })],
    [
      'patch',
      POD,
      'p',
      { strategic: { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '2' } } }] } } },
      { subresource: 'resize' },
    ],
    [
      'patch',
      POD,
      'p',
      { strategic: { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } } },
      { subresource: 'ephemeralcontainers' },
    ],
    ['patch', POD, 'p', { strategic: { spec: { ephemeralContainers: [{ name: 'debug2', image: 'busybox' }] } } }],
  ),
];
