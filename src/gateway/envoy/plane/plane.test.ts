import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceKey } from 'nekube/xds';
import type { GatewayModel, HttpRoute } from '../../model/index.ts';
import { briefReason } from './brief-reason.ts';
import { findGuilty } from './find-guilty.ts';
import { partsOf } from './gateway-parts.ts';
import { GatewayProgress } from './gateway-progress.ts';
import { RouteQuarantine } from './route-quarantine.ts';

const source = { kind: 'HTTPRoute', namespace: 'default', name: 'r' };

function route(name: string, backend = 'one'): HttpRoute {
  return {
    name,
    source,
    match: { path: { type: 'PathPrefix', value: `/${name}` }, headers: [], queryParams: [] },
    action: { type: 'forward', backends: [{ weight: 1, backend, source }] },
  };
}

function modelOf(...hosts: (readonly HttpRoute[])[]): GatewayModel {
  const listeners = hosts.map((routes, index) => {
    const name = `default/it/${index}`;
    const virtualHosts = [{ name, domains: ['*'], source, routes }];
    const chains = [{ name, source, http: { name, virtualHosts } }];
    return { name, port: 80 + index, transport: 'TCP' as const, sources: [source], chains };
  });
  const backend = { name: 'one', source, protocol: 'HTTP' as const, endpoints: 'one' };
  return {
    gateways: [{ key: 'default/it', source, addresses: [], listeners }],
    backends: new Map([['one', backend]]),
    endpoints: new Map([['one', { name: 'one', endpoints: [] }]]),
    secrets: new Map(),
  };
}

test('what is refused is found by halves, each for itself', async () => {
  let asked = 0;
  const refuses = async (some: readonly number[]) => {
    asked++;
    const bad = some.filter((each) => each === 17 || each === 80);
    return bad.length > 0 ? `bad ${bad[0]}` : undefined;
  };
  const all = Array.from({ length: 100 }, (_, i) => i);
  assert.deepEqual(
    [...(await findGuilty(all, refuses))],
    [
      [17, 'bad 17'],
      [80, 'bad 80'],
    ],
  );
  assert.ok(asked <= 30, `${asked}`);
  assert.equal((await findGuilty([], refuses)).size, 0);
});

test('a model without what is refused shares all the rest', () => {
  const [a, b, c] = [route('a'), route('b'), route('c')];
  const model = modelOf([a, b], [c]);
  const quarantine = new RouteQuarantine();
  assert.equal(quarantine.apply(model), model);
  quarantine.add(
    new Map([
      [a, 'error'],
      [route('other'), 'nothing'],
    ]),
  );
  const served = quarantine.apply(model);
  const [first, second] = served.gateways[0]!.listeners;
  assert.deepEqual(first!.chains[0]!.http!.virtualHosts[0]!.routes[0]!.action, { type: 'direct', statusCode: 500 });
  assert.equal(first!.chains[0]!.http!.virtualHosts[0]!.routes[1], b);
  assert.equal(second, model.gateways[0]!.listeners[1]);
  assert.equal(quarantine.apply(model).gateways[0]!.listeners[0]!.chains[0]!.http, first!.chains[0]!.http);
  quarantine.add(new Map([[a, 'nothing']]));
  assert.deepEqual(quarantine.apply(model).gateways[0]!.listeners[0]!.chains[0]!.http!.virtualHosts[0]!.routes, [b]);
});

test('a gateway needs its listeners, what they ask for, and the backends of its routes', () => {
  const model = modelOf([route('a'), route('b', 'unknown')]);
  const parts = partsOf(model.gateways[0]!, model, '::');
  const names = parts.map(({ key, children }) => [
    key.type.split('.').at(-1),
    key.name,
    children.map((child) => child.key.name),
  ]);
  assert.deepEqual(names, [
    ['Listener', '[::]:80', ['default/it/0']],
    ['Cluster', 'one', ['one']],
  ]);
});

test('a reason is told without the resource', () => {
  assert.equal(briefReason('missing ): /bad('), 'missing ): /bad(');
  const validation =
    'Proto constraint validation failed (A.B: embedded message failed validation | caused by C.Value: it must be good)';
  assert.equal(briefReason(validation), 'C.Value: it must be good');
  assert.equal(
    briefReason(`goo.gle/debugstr  \nname: "x"\nkey: "secret"\n: ${validation}`),
    'C.Value: it must be good',
  );
});

test('a gateway waits for what is not answered, but not for what is asked for because of what is refused', () => {
  const model = modelOf([route('a')]);
  const parts = partsOf(model.gateways[0]!, model, '::');
  const progress = new GatewayProgress(parts);
  const [listener, cluster] = parts.map(({ key }) => key) as [ResourceKey, ResourceKey];
  const [endpoints] = parts[1]!.children.map(({ key }) => key) as [ResourceKey];
  const accepted = new Set<ResourceKey>();
  const refused = new Map<ResourceKey, string>();
  let looked = 0;
  const known = {
    isAccepted: (key: ResourceKey) => ++looked > 0 && accepted.has(key),
    hasAny: () => false,
    refused: (key: ResourceKey) => refused.get(key),
    refusedKeys: () => [...refused.keys()],
  };
  assert.deepEqual(progress.state(known), { programmed: false, refusals: [] });
  refused.set(listener, 'no');
  for (const key of [cluster, endpoints]) accepted.add(key);
  assert.deepEqual(progress.state(known), { programmed: true, refusals: [{ source, message: 'no' }] });
  accepted.delete(endpoints);
  looked = 0;
  assert.equal(progress.state(known).programmed, true, 'what it had is not looked at again');
  assert.equal(looked, 2);
  progress.reopen([endpoints, { type: endpoints.type, name: 'of another gateway' }]);
  assert.equal(progress.state(known).programmed, false);
});
