import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonValue, parseLabelSelector, StatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { selectorInGo } from '../workload/go-selector.ts';
import { MetricsClient } from './metrics-client.ts';

const AT = '2030-01-01T00:00:00Z';
const web = { namespace: 'default', selector: parseLabelSelector('app=web') };

/** A client of a server that answers these paths, and all others as one that does not know them. */
function serving(answers: Readonly<Record<string, JsonValue>>): MetricsClient {
  const raw = ({ path }: { readonly path: string }): Promise<JsonValue> => {
    const answer = answers[path];
    if (answer !== undefined) return Promise.resolve(answer);
    const message = 'the server could not find the requested resource';
    return Promise.reject(new StatusError({ status: 'Failure', message, reason: 'NotFound', code: 404 } as never));
  };
  const served = ({ kind }: { readonly kind: string }) => Promise.resolve({ resource: `${kind.toLowerCase()}s` });
  return new MetricsClient({ raw, served } as unknown as Client);
}

const CUSTOM = { '/apis/custom.metrics.k8s.io': { versions: [{ version: 'v1beta1' }, { version: 'v1beta2' }] } };
const PODS = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app%3Dweb';

function measured(name: string, ...containers: { name: string; usage: Record<string, string> }[]): JsonValue {
  return { metadata: { name }, timestamp: AT, window: '1m30.5s', containers };
}

describe('what pods use of a resource', () => {
  const answers = {
    [PODS]: {
      items: [
        measured('one', { name: 'web', usage: { cpu: '100m' } }, { name: 'side', usage: { cpu: '5m' } }),
        measured('two', { name: 'web', usage: { cpu: '1' } }, { name: 'side', usage: {} }),
        measured('three'),
      ],
    },
  };

  test('is that of all containers, and nothing where one is not measured', async () => {
    const found = await serving(answers).resource('cpu', web, undefined);
    assert.deepEqual(found, new Map([['one', { value: 105, timestamp: Date.parse(AT), windowMs: 90_500 }]]));
  });

  test('is that of one container where that is asked for', async () => {
    const found = await serving(answers).resource('cpu', web, 'web');
    assert.deepEqual(
      [...found].map(([name, { value }]) => [name, value]),
      [
        ['one', 100],
        ['two', 1000],
      ],
    );
  });

  test('that nobody serves it, or serves none, is told in the words of client-go', async () => {
    const what = 'unable to fetch metrics from resource metrics API: the server could not find the requested resource';
    await assert.rejects(serving({}).resource('cpu', web, undefined), { message: `${what} (get pods.metrics.k8s.io)` });
    await assert.rejects(serving({ [PODS]: { items: [] } }).resource('cpu', web, undefined), {
      message: 'no metrics returned from resource metrics API',
    });
  });
});

describe('custom metrics', () => {
  const root = '/apis/custom.metrics.k8s.io/v1beta2/namespaces/default';
  const metric = { name: 'hits', selector: { matchLabels: { verb: 'GET' } } };

  test('of pods are asked for all at once, in the newest version', async () => {
    const path = `${root}/pods/*/hits?labelSelector=app%3Dweb&metricLabelSelector=verb%3DGET`;
    const items = [{ describedObject: { name: 'one' }, timestamp: AT, value: '1500m', windowSeconds: 10 }];
    const found = await serving({ ...CUSTOM, [path]: { items } }).pods(metric, web);
    assert.deepEqual(found, new Map([['one', { value: 1500, timestamp: Date.parse(AT), windowMs: 10_000 }]]));
  });

  test('of an object are those of its resource and group, and of a namespace its own', async () => {
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' };
    const client = serving({
      ...CUSTOM,
      [`${root}/ingresss.networking.k8s.io/main/hits`]: { items: [{ value: '3' }] },
      [`${root}/metrics/hits`]: { items: [{ value: '4' }] },
      [`${root}/services/many/hits`]: { items: [{ value: '4' }, { value: '5' }] },
    });
    assert.equal(await client.object({ name: 'hits' }, ingress, 'default'), 3000);
    assert.equal(await client.object({ name: 'hits' }, { kind: 'Namespace', name: 'other' }, 'default'), 4000);
    await assert.rejects(client.object({ name: 'hits' }, { kind: 'Service', name: 'many' }, 'default'), {
      message:
        'unable to fetch metrics from custom metrics API: the custom metrics API server returned 2 results when we asked for exactly one',
    });
  });

  test('that nobody serves them is told', async () => {
    await assert.rejects(serving({}).pods(metric, web), /no custom metrics API \(custom.metrics.k8s.io\) registered/);
  });
});

test('metrics from outside may have several values', async () => {
  const path = '/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue';
  const client = serving({ [path]: { items: [{ value: '7' }, { value: '500m' }] } });
  assert.deepEqual(await client.external({ name: 'queue' }, 'default'), [7000, 500]);
});

test('a selector is told as Go prints it', () => {
  assert.equal(selectorInGo(undefined), 'nil');
  assert.equal(
    selectorInGo({
      matchLabels: { b: '2', a: '1' },
      matchExpressions: [{ key: 'c', operator: 'In', values: ['x', 'y'] }],
    }),
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{' +
      'LabelSelectorRequirement{Key:c,Operator:In,Values:[x y],},},}',
  );
});
