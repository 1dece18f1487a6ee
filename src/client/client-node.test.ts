import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { type ClientNodeCluster, type ClientNodeUser, fromClientNode, kubeconfigOf } from './client-node.ts';
import { fromClientNodeObject } from './client-node-objects.ts';

const server = 'https://127.0.0.1:6443';

function convert(
  cluster: Partial<ClientNodeCluster>,
  user: Partial<ClientNodeUser>,
): { cluster: object; user: object } {
  const config = kubeconfigOf({
    clusters: [{ name: 'c', server, ...cluster }],
    users: [{ name: 'u', ...user }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  const [[one], [two]] = [config.clusters as JsonObject[], config.users as JsonObject[]];
  return { cluster: one!.cluster as object, user: two!.user as object };
}

test('a config becomes the kubeconfig that says the same', () => {
  const config = kubeconfigOf({
    clusters: [{ name: 'c', server, caData: 'Q0E=', skipTLSVerify: false, proxyUrl: 'http://p:1' }],
    users: [{ name: 'u', certData: 'Q0VSVA==', keyFile: '/k' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u', namespace: 'n' }],
    currentContext: 'x',
  });
  assert.deepEqual(config, {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': 'Q0E=', 'proxy-url': 'http://p:1' } }],
    users: [{ name: 'u', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key': '/k' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
  });
});

const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args: ['eks'], interactiveMode: 'Never' };

const users: readonly (readonly [name: string, user: Partial<ClientNodeUser>, expected: object])[] = [
  ['a token', { token: 't' }, { token: 't' }],
  ['a name and a password', { username: 'a', password: 'b' }, { username: 'a', password: 'b' }],
  ['somebody else', { token: 't', impersonateUser: 'jane' }, { token: 't', as: 'jane' }],
  ['a plugin', { exec }, { exec }],
  ['a plugin in its first form', { authProvider: { name: 'exec', config: { exec } } }, { exec }],
  ['a pod', { authProvider: { name: 'tokenFile', config: { tokenFile: '/var/token' } } }, { tokenFile: '/var/token' }],
  [
    'a provider, which whoever reads it refuses by name',
    { authProvider: { name: 'gcp', config: {} } },
    { 'auth-provider': { name: 'gcp', config: {} } },
  ],
];

for (const [name, user, expected] of users) {
  test(`a user who is ${name}`, () => assert.deepEqual(convert({}, user).user, expected));
}

test('where a certificate is not checked, there is no authority', () => {
  const { cluster } = convert({ skipTLSVerify: true, caFile: '/ca' }, {});
  assert.deepEqual(cluster, { server, 'insecure-skip-tls-verify': true });
});

test('a config is what connect takes', () => {
  const config = {
    clusters: [{ name: 'c', server, caData: Buffer.from('CA').toString('base64') }],
    users: [{ name: 'u', token: 't' }],
    contexts: [
      { name: 'x', cluster: 'c', user: 'u' },
      { name: 'y', cluster: 'c', user: 'u', namespace: 'n' },
    ],
    currentContext: 'x',
  };
  assert.deepEqual(fromClientNode(config), { server, ca: { pem: 'CA' }, token: 't' });
  assert.equal(fromClientNode(config, { context: 'y' }).namespace, 'n');
});

test('a provider that there is no more is refused by name', () => {
  const config = {
    clusters: [{ name: 'c', server }],
    users: [{ name: 'u', authProvider: { name: 'gcp' } }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  };
  assert.throws(() => fromClientNode(config), /"gcp" is not supported: use an exec plugin/);
});

/** As client-node has it. */
class MicroTime extends Date {
  override toISOString(): string {
    return `${super.toISOString().slice(0, -1)}000Z`;
  }
}

test('dates become text: of whole seconds, or of microseconds', () => {
  const object = { metadata: { creationTimestamp: new Date(1e12 + 5) }, spec: { renewTime: new MicroTime(1e12 + 5) } };
  assert.deepEqual(fromClientNodeObject(object), {
    metadata: { creationTimestamp: '2001-09-09T01:46:40Z' },
    spec: { renewTime: '2001-09-09T01:46:40.005000Z' },
  });
});

const renamed: readonly (readonly [name: string, object: object, expected: object])[] = [
  ['what follows in a list', { metadata: { _continue: 'c' } }, { metadata: { continue: 'c' } }],
  ['the peers of a rule', { spec: { ingress: [{ _from: [{}] }] } }, { spec: { ingress: [{ from: [{}] }] } }],
  [
    'a default limit',
    { spec: { limits: [{ _default: { cpu: '1' } }] } },
    { spec: { limits: [{ default: { cpu: '1' } }] } },
  ],
  [
    'words of schemas, but not names of fields that look so',
    {
      openAPIV3Schema: {
        _enum: ['a'],
        ref: '#',
        x_kubernetes_list_type: 'map',
        properties: { _default: { _default: 1 }, ref: { schema: 'x' } },
      },
    },
    {
      openAPIV3Schema: {
        enum: ['a'],
        $ref: '#',
        'x-kubernetes-list-type': 'map',
        properties: { _default: { default: 1 }, ref: { $schema: 'x' } },
      },
    },
  ],
  [
    'no key of a map',
    { data: { _from: 'a', _continue: 'b', x_kubernetes_a: 'c' } },
    { data: { _from: 'a', _continue: 'b', x_kubernetes_a: 'c' } },
  ],
  ['nothing that is undefined', { metadata: { name: 'a', uid: undefined } }, { metadata: { name: 'a' } }],
];

for (const [name, object, expected] of renamed) {
  test(`renamed: ${name}`, () => assert.deepEqual(fromClientNodeObject(object), expected));
}

test('a class that knows its names is believed', () => {
  class V2Thing {
    static readonly attributeTypeMap = [{ name: '_new', baseName: 'new', type: 'string' }];
    _new = 'a';
  }
  assert.deepEqual(fromClientNodeObject({ spec: new V2Thing() }), { spec: { new: 'a' } });
});

test('a key called __proto__ stays a key', () => {
  const object = { data: JSON.parse('{"__proto__":"a"}') as object };
  assert.equal(JSON.stringify(fromClientNodeObject(object)), '{"data":{"__proto__":"a"}}');
});
