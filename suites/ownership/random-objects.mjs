// Random configurations of kinds that have all there is: structs, maps that are granular and atomic, lists that are atomic,
// sets and keyed, keys of several fields with defaults. Few names and values, so that managers meet often.
const LABELS = ['team', 'tier'];
const VALUES = ['0', '1', '2'];

/** A definition with every type of list and map. */
export const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.ownership.test' },
  spec: {
    group: 'ownership.test',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: widgetSchema() } }],
  },
};

function widgetSchema() {
  const string = { type: 'string' };
  const integer = { type: 'integer' };
  const pair = { type: 'object', properties: { x: integer, y: integer } };
  const strings = { type: 'array', items: string };
  const part = {
    type: 'object',
    required: ['name'],
    properties: { name: string, zone: { type: 'string', default: 'a' }, size: integer, pair },
  };
  const spec = {
    type: 'object',
    properties: {
      size: integer,
      port: { 'x-kubernetes-int-or-string': true },
      pair,
      point: { ...pair, 'x-kubernetes-map-type': 'atomic' },
      notes: { type: 'object', additionalProperties: string },
      selector: { type: 'object', additionalProperties: string, 'x-kubernetes-map-type': 'atomic' },
      steps: { ...strings, 'x-kubernetes-list-type': 'atomic' },
      tags: { ...strings, 'x-kubernetes-list-type': 'set' },
      parts: {
        type: 'array',
        items: part,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name', 'zone'],
      },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      kept: { type: 'integer', default: 7 },
    },
  };
  return { type: 'object', properties: { spec } };
}

/** By kind: `base` is what an object is made with, `part` a random configuration that may be applied to it. */
export const kinds = {
  ConfigMap: {
    base: () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: '0' } }),
    part: (random) => ({ ...metadata(random), ...optional(random, 'data', () => map(random, ['a', 'b', 'c'])) }),
  },
  Service: {
    base: () => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {},
      spec: { clusterIP: 'None', ports: [{ name: 'p80-tcp', port: 80 }], selector: { app: '0' } },
    }),
    part: (random) => ({ ...metadata(random), ...optional(random, 'spec', () => serviceSpec(random)) }),
  },
  Deployment: {
    base: () => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'app', image: 'app:0' }] },
        },
      },
    }),
    part: (random) => ({ ...metadata(random), ...optional(random, 'spec', () => deploymentSpec(random)) }),
  },
  HorizontalPodAutoscaler: {
    base: () => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: {},
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 },
    }),
    part: (random) => ({ ...metadata(random), ...optional(random, 'spec', () => scalerSpec(random)) }),
  },
  Widget: {
    base: () => ({ apiVersion: 'ownership.test/v1', kind: 'Widget', metadata: {}, spec: { size: 0 } }),
    part: (random) => ({ ...metadata(random), ...optional(random, 'spec', () => widgetSpec(random)) }),
  },
};

function optional(random, name, make, chance = 0.9) {
  return random.chance(chance) ? { [name]: make() } : {};
}

function map(random, keys) {
  return Object.fromEntries(random.some(keys).map((key) => [key, random.pick(VALUES)]));
}

function metadata(random) {
  return {
    metadata: {
      ...optional(random, 'labels', () => map(random, LABELS), 0.3),
      ...optional(random, 'annotations', () => map(random, ['test/a', 'test.b']), 0.2),
      ...optional(random, 'finalizers', () => random.some(['test.dev/a', 'test.dev/b']), 0.15),
      ...optional(random, 'ownerReferences', () => random.some(['u', 'v']).map((uid) => owner(random, uid)), 0.15),
    },
  };
}

function owner(random, uid) {
  const name = `owner-${random.below(2)}`;
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid, ...optional(random, 'controller', () => false, 0.3) };
}

function scalerSpec(random) {
  const averageUtilization = () => 50 + random.below(3);
  const metric = (name) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization: averageUtilization() } },
  });
  const rules = () => ({ ...optional(random, 'stabilizationWindowSeconds', () => random.below(3)) });
  return {
    ...optional(random, 'scaleTargetRef', () => ({ kind: 'Deployment', name: random.pick(['web', 'api']) }), 0.4),
    ...optional(random, 'minReplicas', () => 1 + random.below(2), 0.5),
    ...optional(random, 'maxReplicas', () => 5 + random.below(3), 0.5),
    ...optional(random, 'metrics', () => random.some(['cpu', 'memory']).map(metric), 0.4),
    ...optional(
      random,
      'behavior',
      () => ({ ...optional(random, 'scaleDown', rules), ...optional(random, 'scaleUp', rules) }),
      0.4,
    ),
  };
}

function serviceSpec(random) {
  const ports = [
    [80, 'TCP'],
    [80, 'UDP'],
    [443, 'TCP'],
  ];
  return {
    ...optional(random, 'selector', () => map(random, ['app', 'tier']), 0.4),
    ...optional(random, 'sessionAffinity', () => random.pick(['None', 'ClientIP']), 0.3),
    ...optional(random, 'publishNotReadyAddresses', () => random.chance(0.5), 0.3),
    ...optional(random, 'ports', () =>
      random.some(ports).map(([port, protocol]) => servicePort(random, port, protocol)),
    ),
  };
}

function servicePort(random, port, protocol) {
  return {
    name: `p${port}-${protocol.toLowerCase()}`,
    port,
    // the key field may be left out where it is the default
    ...(protocol === 'TCP' && random.chance(0.5) ? {} : { protocol }),
    ...optional(random, 'targetPort', () => random.pick([8080, 'web', 9090]), 0.6),
    ...optional(random, 'appProtocol', () => random.pick(['http', 'h2c']), 0.3),
  };
}

function deploymentSpec(random) {
  const template = {
    ...optional(random, 'metadata', () => ({ annotations: map(random, ['note']) }), 0.2),
    ...optional(random, 'spec', () => podSpec(random), 0.9),
  };
  return {
    ...optional(random, 'replicas', () => random.below(4), 0.5),
    ...optional(random, 'minReadySeconds', () => random.below(3), 0.3),
    ...optional(random, 'paused', () => random.chance(0.5), 0.2),
    ...optional(random, 'strategy', () => ({ rollingUpdate: { maxSurge: random.pick([1, 2, '25%']) } }), 0.3),
    ...optional(random, 'template', () => template, 0.9),
  };
}

function podSpec(random) {
  return {
    ...optional(random, 'nodeSelector', () => map(random, ['disk', 'zone']), 0.3),
    ...optional(random, 'terminationGracePeriodSeconds', () => 10 + random.below(3), 0.3),
    ...optional(random, 'tolerations', () => random.some(VALUES).map((key) => ({ key, operator: 'Exists' })), 0.3),
    ...optional(random, 'containers', () => random.some(['app', 'side'], 0.7).map((name) => container(random, name))),
  };
}

function container(random, name) {
  const ports = [
    [8080, 'TCP'],
    [8080, 'UDP'],
  ];
  return {
    name,
    image: `${name}:${random.below(3)}`,
    ...optional(random, 'command', () => random.some(['a', 'b']), 0.3),
    ...optional(
      random,
      'env',
      () => random.some(['A', 'B']).map((key) => ({ name: key, value: random.pick(VALUES) })),
      0.5,
    ),
    ...optional(
      random,
      'ports',
      () =>
        random
          .some(ports)
          .map(([containerPort, protocol]) => ({ containerPort, protocol, name: `p-${protocol.toLowerCase()}` })),
      0.4,
    ),
    ...optional(random, 'resources', () => ({ limits: { cpu: random.pick(['1', '500m', '1000m']) } }), 0.3),
  };
}

function widgetSpec(random) {
  const number = () => random.below(3);
  const pair = () => ({ ...optional(random, 'x', number, 0.6), ...optional(random, 'y', number, 0.6) });
  const part = ([name, zone]) => ({
    name,
    ...(zone === 'a' && random.chance(0.5) ? {} : { zone }),
    ...optional(random, 'size', number, 0.5),
    ...optional(random, 'pair', pair, 0.3),
  });
  const places = [
    ['n', 'a'],
    ['n', 'b'],
    ['m', 'a'],
  ];
  return {
    ...optional(random, 'size', number, 0.4),
    ...optional(random, 'port', () => random.pick([80, 'web']), 0.3),
    ...optional(random, 'pair', pair, 0.4),
    ...optional(random, 'point', () => ({ x: number(), y: number() }), 0.4),
    ...optional(random, 'notes', () => map(random, ['a', 'b']), 0.4),
    ...optional(random, 'selector', () => map(random, ['a', 'b']), 0.4),
    ...optional(random, 'steps', () => random.some(VALUES), 0.4),
    ...optional(random, 'tags', () => random.some(VALUES), 0.4),
    ...optional(random, 'parts', () => random.some(places).map(part), 0.6),
    ...optional(random, 'free', () => ({ deep: pair(), list: random.some(VALUES) }), 0.3),
    ...optional(random, 'kept', number, 0.2),
  };
}
