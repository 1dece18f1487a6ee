import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, parseYaml } from 'nekube/apimachinery';
import { namesWebhooks, operatorServices } from './operator-services.ts';

const WEBHOOKS = `{kind: MutatingWebhookConfiguration, metadata: {name: shop}, webhooks: [
  {name: a, clientConfig: {service: {namespace: shop, name: hooks, path: /a}}},
  {name: b, clientConfig: {service: {namespace: shop, name: hooks, path: /b, port: 443}}}]}`;
const CONVERSION = `{kind: CustomResourceDefinition, metadata: {name: shops.shop.example}, spec: {conversion: {strategy: Webhook,
  webhook: {clientConfig: {service: {namespace: shop, name: hooks, port: 8443}}}}}}`;
const service = (port: string): string =>
  `{kind: Service, metadata: {namespace: shop, name: hooks}, spec: {ports: [${port}]}}`;
const workload = (port: string): string =>
  `{kind: Deployment, metadata: {name: shop}, spec: {template: {spec: {containers: [{name: a}, {name: b, ports: [${port}]}]}}}}`;

const CASES: readonly {
  readonly name: string;
  readonly objects: readonly string[];
  readonly ports: readonly string[];
}[] = [
  {
    name: 'the Service says the port, once for several webhooks',
    objects: [WEBHOOKS, service('{port: 443, targetPort: 9876}')],
    ports: ['443 → 9876'],
  },
  {
    name: 'without a target it is the port of the Service',
    objects: [WEBHOOKS, service('{port: 443}')],
    ports: ['443 → 443'],
  },
  {
    name: 'a port that is named is that of a container',
    objects: [WEBHOOKS, service('{port: 443, targetPort: tls}'), workload('{name: tls, containerPort: 10250}')],
    ports: ['443 → 10250'],
  },
  {
    name: 'without the Service a port of a container that is called as one for webhooks is taken',
    objects: [WEBHOOKS, workload('{name: metrics, containerPort: 8080}, {name: webhook-server, containerPort: 9444}')],
    ports: ['443 → 9444'],
  },
  { name: 'without both it is the usual one', objects: [WEBHOOKS], ports: ['443 → 9443'] },
  {
    name: 'conversion has a Service, too',
    objects: [CONVERSION, WEBHOOKS, service('{port: 443, targetPort: 1}, {port: 8443, targetPort: 2}')],
    ports: ['8443 → 2', '443 → 1'],
  },
  { name: 'what says nothing of webhooks has none', objects: ['{kind: ConfigMap, metadata: {name: a}}'], ports: [] },
  {
    name: 'nor has what is no configuration',
    objects: ['{kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [7, {clientConfig: 7}]}'],
    ports: [],
  },
];

describe('the Services that webhooks name', () => {
  for (const { name, objects, ports } of CASES)
    test(name, () => {
      const all = objects.map((text) => parseYaml(text) as unknown as KubeObject);
      const found = operatorServices(
        all,
        all.filter(({ kind }) => kind === 'Deployment'),
      );
      assert.deepEqual(
        found.map(({ port, targetPort }) => `${port} → ${targetPort}`),
        ports,
      );
    });
});

test('a webhook is a Service or a URL', () => {
  const of = (config: string): KubeObject =>
    parseYaml(
      `{kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [{name: a, clientConfig: ${config}}]}`,
    ) as never;
  for (const config of ['{url: "https://127.0.0.1:9443/a"}', '{service: {namespace: a, name: b}}'])
    assert.equal(namesWebhooks(of(config)), true, config);
  for (const config of ['{}', '7', '{url: 7}']) assert.equal(namesWebhooks(of(config)), false, config);
});
