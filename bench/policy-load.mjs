// Loads of what surrounds a write: rules in CEL, admission policies, many role bindings. Of the form of load.mjs.
import { setTimeout as sleep } from 'node:timers/promises';
import { each, rate } from './client.mjs';
import { ensureNamespace } from './load.mjs';

const GROUP = 'bench.example.com';
const widgets = (namespace) => `/apis/${GROUP}/v1/namespaces/${namespace}/widgets`;

/** Twenty rules of the kinds that people write: bounds, transitions, lists, maps, patterns. */
const RULES = [
  ...Array.from({ length: 8 }, (_, i) => ({
    rule: `self.minReplicas + ${i} <= self.maxReplicas + ${i} && self.replicas >= 0`,
  })),
  { rule: 'self.replicas <= self.maxReplicas && self.replicas >= self.minReplicas' },
  { rule: 'self.replicas <= oldSelf.replicas + 1000000' },
  { rule: 'self.name == oldSelf.name' },
  { rule: 'self.name.startsWith("w") && self.name.size() < 63' },
  { rule: 'self.name.matches("^[a-z][a-z0-9-]*$")' },
  { rule: 'self.ports.all(p, p.port > 0 && p.port < 65536)' },
  { rule: 'self.ports.exists(p, p.name == "http")' },
  { rule: 'self.ports.map(p, p.port).sum() > 0' },
  { rule: 'self.labels.all(k, k.size() < 63)' },
  { rule: '!has(self.labels.forbidden)' },
  { rule: 'quantity(self.memory).isLessThan(quantity("10Gi"))' },
  { rule: 'self.ports.size() == oldSelf.ports.size() || self.replicas > 0' },
];

const string = { type: 'string', maxLength: 63 };
const integer = { type: 'integer' };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-validations': RULES,
                properties: {
                  name: string,
                  memory: string,
                  replicas: integer,
                  minReplicas: integer,
                  maxReplicas: integer,
                  labels: { type: 'object', maxProperties: 20, additionalProperties: string },
                  ports: {
                    type: 'array',
                    maxItems: 20,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: { type: 'object', required: ['name'], properties: { name: string, port: integer } },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const widget = (name, replicas) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'Widget',
  metadata: { name },
  spec: {
    name,
    memory: '512Mi',
    replicas,
    minReplicas: 0,
    maxReplicas: 1_000_000,
    labels: { app: name, tier: 'front' },
    ports: [
      { name: 'http', port: 80 },
      { name: 'metrics', port: 9090 },
    ],
  },
});

/** Sends until the answer is one of these codes: definitions and policies need a moment until they are in force. */
async function until(codes, send) {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await send();
    if (codes.includes(answer.code)) return answer;
    await sleep(100);
  }
  throw new Error(`never answered ${codes.join(' or ')}`);
}

async function ensure(client, path, object) {
  const answer = await client.send('POST', path, object);
  if (answer.code !== 201 && answer.code !== 409) throw new Error(`${path}: ${answer.code} ${answer.text}`);
}

/** Applies of a custom resource whose definition has twenty rules in CEL; one field changes. */
export function applyWithRules(connections, seconds) {
  return {
    name: `apply, custom resource with ${RULES.length} CEL rules, ${connections} connections`,
    connections,
    async prepare(client) {
      await ensure(client, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
      await ensureNamespace(client, 'bench');
      await until([200], () => client.send('GET', widgets('bench')));
      const name = 'warm';
      await until([200, 201], () =>
        client.send(
          'PATCH',
          `${widgets('bench')}/${name}?fieldManager=bench`,
          widget(name, 0),
          'application/apply-patch+yaml',
        ),
      );
    },
    run: (client) =>
      rate(connections, seconds, (i, worker) => {
        const name = `w${worker}`;
        return client.apply(`${widgets('bench')}/${name}`, 'bench', widget(name, i % 1000));
      }),
  };
}

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';

function policy(name, validations) {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'governed' } },
        resourceRules: [rule],
      },
      variables: [{ name: 'keys', expression: 'has(object.data) ? object.data.map(k, k) : []' }],
      validations,
    },
  };
}

const policies = [
  policy('bench-names', [{ expression: 'object.metadata.name.matches("^[a-z]+[0-9]*$")' }]),
  policy('bench-keys', [
    { expression: 'variables.keys.all(k, k.size() < 63)' },
    { expression: 'variables.keys.size() < 100' },
  ]),
  policy('bench-values', [
    { expression: '!has(object.data.forbidden)' },
    { expression: 'oldObject == null || object.metadata.name == oldObject.metadata.name' },
  ]),
];

const configMaps = '/api/v1/namespaces/governed/configmaps';
const configMap = (name, value) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { key0: value, key1: 'x'.repeat(400) },
});

/** Applies in a namespace that three validating admission policies watch over; one field changes. */
export function applyUnderPolicies(connections, seconds) {
  return {
    name: `apply under ${policies.length} admission policies, ${connections} connections`,
    connections,
    async prepare(client) {
      await ensureNamespace(client, 'governed');
      for (const one of policies) {
        await ensure(client, POLICIES, one);
        const { name } = one.metadata;
        const spec = { policyName: name, validationActions: ['Deny'] };
        const kind = 'ValidatingAdmissionPolicyBinding';
        await ensure(client, BINDINGS, { apiVersion: one.apiVersion, kind, metadata: { name }, spec });
      }
      // they are in force once what one of them forbids is refused
      const refused = { ...configMap('refused', ''), data: { forbidden: '1' } };
      await until([422], () => client.send('POST', `${configMaps}?dryRun=All`, refused));
    },
    run: (client) =>
      rate(connections, seconds, (i, worker) => {
        const name = `g${'abcdefghijklmnopqrstuvwxyz'[worker % 26]}${worker}`;
        return client.apply(`${configMaps}/${name}`, 'bench', configMap(name, `v${i}`));
      }),
  };
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const READER = 'bench-reader';

/** Gets by a user whom the last of many bindings lets read. */
export function getUnderBindings(connections, seconds, bindings) {
  const half = bindings / 2;
  return {
    name: `get under RBAC with ${bindings} bindings, ${connections} connections`,
    connections,
    async prepare(client) {
      await ensureNamespace(client, 'bound');
      await client.apply('/api/v1/namespaces/bound/configmaps/read', 'bench', {
        ...configMap('read', '0'),
        metadata: { name: 'read' },
      });
      const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
      await ensure(client, `${RBAC}/clusterroles`, roleOf('ClusterRole', 'bench-read', rules));
      await each(16, half, (i) => ensure(client, `${RBAC}/clusterrolebindings`, bindingOf('ClusterRoleBinding', i)));
      const inNamespace = `${RBAC}/namespaces/bound/rolebindings`;
      await each(16, half, (i) =>
        ensure(client, inNamespace, bindingOf('RoleBinding', i, i === half - 1 ? READER : undefined)),
      );
      await until([200], () => client.getAs(READER, '/api/v1/namespaces/bound/configmaps/read'));
    },
    run: (client) =>
      rate(connections, seconds, async () => {
        const answer = await client.getAs(READER, '/api/v1/namespaces/bound/configmaps/read');
        if (answer.code !== 200) throw new Error(`get as ${READER}: ${answer.code} ${answer.text.slice(0, 300)}`);
      }),
  };
}

function roleOf(kind, name, rules) {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name }, rules };
}

function bindingOf(kind, i, user = `someone-${i}`) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: `bench-${i}` },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
    roleRef: { kind: 'ClusterRole', apiGroup: 'rbac.authorization.k8s.io', name: 'bench-read' },
  };
}
