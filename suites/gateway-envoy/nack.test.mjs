// What Envoy refuses all the same, from a resource of a cluster to its status: the condition, the event, and what goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '../../dist/client/kinds/index.js';
import { Manager } from '../../dist/controller/index.js';
import { start } from '../../dist/envtest/index.js';
import { addGatewayController, OwnAddresses, parseAddressRange } from '../../dist/gateway/index.js';
import { GATEWAY_CLASS, gatewayDefinitions } from '../../dist/gateway/install/definitions.js';
import { Gateway, HTTPRoute } from '../../dist/gateway/kinds/index.js';
import { ask, eventually, freePort, skip, startPlane } from './world.mjs';

const ADDRESS = '127.0.83.1';

/** Envoy, with mistakes in routes to `/spoiled` and in listeners called `spoiled`, as a translation could make them. */
class Spoiling {
  #plane;
  #spoiled = new WeakMap();

  constructor(plane) {
    this.#plane = plane;
  }

  get name() {
    return this.#plane.name;
  }
  get supportedFeatures() {
    return this.#plane.supportedFeatures;
  }
  unsupported(model) {
    return this.#plane.unsupported(model);
  }
  updateEndpoints(changed) {
    this.#plane.updateEndpoints(changed);
  }
  state() {
    return this.#plane.state();
  }
  onState(listener) {
    return this.#plane.onState(listener);
  }

  update(model) {
    this.#plane.update(this.#copy(model));
  }

  /** What is the same stays the same. */
  #copy(value) {
    if (Array.isArray(value)) return this.#once(value, () => value.map((one) => this.#copy(one)));
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return this.#once(value, () => {
      if (value.match?.path?.value === '/spoiled')
        return { ...value, match: { ...value.match, path: { type: 'RegularExpression', value: '/spoiled(' } } };
      const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#copy(one)]));
      if (!value.sources?.some(({ sectionName }) => sectionName === 'spoiled')) return copy;
      return { ...copy, settings: { accessLogs: [{ sink: { type: 'File', path: '/' } }] } };
    });
  }

  #once(value, make) {
    if (!this.#spoiled.has(value)) this.#spoiled.set(value, make());
    return this.#spoiled.get(value);
  }
}

test('a refusal of Envoy in a cluster', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const env = await start({ level: 'envtest' });
  const { client } = env;
  const needed = /^(gatewayclasses|gateways|httproutes|referencegrants)\./;
  for (const definition of gatewayDefinitions('standard').filter(({ metadata }) => needed.test(metadata.name)))
    await client.create(definition);
  await eventually(() => client.create(GATEWAY_CLASS));
  const manager = new Manager({ client });
  const addresses = new OwnAddresses(parseAddressRange(`${ADDRESS}/32`), async () => true);
  await addGatewayController(manager, { dataPlane: new Spoiling(world.plane), addresses });
  const ending = new AbortController();
  const running = manager.start(ending.signal);
  t.after(async () => {
    ending.abort();
    await running;
    await env.stop();
  });
  const namespace = await env.namespace();
  const [port, spoiledPort] = [await freePort(), await freePort()];
  const listener = (name, number) => ({ name, port: number, protocol: 'HTTP' });
  await client.create({
    ...Gateway,
    metadata: { namespace, name: 'shop' },
    spec: { gatewayClassName: 'nekube', listeners: [listener('http', port)] },
  });
  const rules = (path, statusCode = 302) => [
    {
      matches: [{ path: { value: path } }],
      filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'there.example', statusCode } }],
    },
  ];
  const create = (name, path) =>
    client.create({
      ...HTTPRoute,
      metadata: { namespace, name },
      spec: { parentRefs: [{ name: 'shop' }], rules: rules(path) },
    });
  const change = (name, ...given) =>
    client.patch(HTTPRoute, { namespace, name }, { merge: { spec: { rules: rules(...given) } } });
  const status = async (path, at = port) => (await ask(at, path, { address: ADDRESS })).status;
  const served = (path, wanted, at) => eventually(async () => (await status(path, at)) === wanted);
  const conditionOf = async (name) => {
    const { status: found } = await client.get(HTTPRoute, { namespace, name });
    return found?.parents?.[0]?.conditions.find(({ type }) => type === 'Programmed');
  };
  const programmed = async () => {
    const { status: found } = await client.get(Gateway, { namespace, name: 'shop' });
    const of = (conditions) => conditions?.find(({ type }) => type === 'Programmed');
    return {
      gateway: of(found?.conditions),
      ...Object.fromEntries((found?.listeners ?? []).map(({ name, conditions }) => [name, of(conditions)])),
    };
  };
  const event = (kind, name, note) =>
    eventually(async () => {
      const { items } = await client.list(Event, { namespace });
      return items.find(
        ({ involvedObject, reason, message }) =>
          involvedObject.kind === kind && involvedObject.name === name && reason === 'Invalid' && note.test(message),
      );
    });

  await t.test('is a condition and an event of the route, and all others are served', async () => {
    await create('good', '/good');
    await served('/good', 302);
    await create('bad', '/spoiled');
    await create('other', '/other');
    await eventually(async () => (await conditionOf('bad'))?.reason === 'Invalid');
    assert.match((await conditionOf('bad')).message, /^the data plane refused it, .*rules\[0\]: missing \)/);
    await event('HTTPRoute', 'bad', /missing \)/);
    await served('/other', 302);
    assert.equal(await status('/good'), 302);
    assert.equal((await conditionOf('good')) ?? (await conditionOf('other')), undefined);
    await eventually(async () => (await programmed()).gateway.status === 'True');
    const { items } = await client.list(Event, { namespace });
    const ofGateway = items.filter(({ involvedObject }) => involvedObject.kind === 'Gateway');
    assert.deepEqual(ofGateway, [], 'the gateway was told to be what one of its routes is');
  });

  await t.test('keeps no change of other routes, nor of its own', async () => {
    await change('good', '/good', 301);
    await served('/good', 301);
    assert.equal((await conditionOf('bad')).status, 'False');
    await change('bad', '/mended');
    await served('/mended', 302);
    await eventually(async () => (await conditionOf('bad')) === undefined);
    await change('bad', '/spoiled');
    await eventually(async () => (await conditionOf('bad'))?.status === 'False');
  });

  await t.test('is a condition and an event of the listener, and its gateway serves the others', async () => {
    const listeners = [listener('http', port), listener('spoiled', spoiledPort)];
    await client.patch(Gateway, { namespace, name: 'shop' }, { merge: { spec: { listeners } } });
    await eventually(async () => (await programmed()).spoiled?.reason === 'Invalid');
    const { gateway, http, spoiled } = await programmed();
    assert.deepEqual([gateway.status, http.status], ['False', 'True']);
    assert.match(spoiled.message, /unable to open file '\/'/);
    await event('Gateway', 'shop', /unable to open file/);
    await change('good', '/better');
    await served('/better', 302);
    const renamed = [listener('http', port), listener('fine', spoiledPort)];
    await client.patch(Gateway, { namespace, name: 'shop' }, { merge: { spec: { listeners: renamed } } });
    await served('/better', 302, spoiledPort);
    await eventually(async () => (await programmed()).gateway.status === 'True');
  });
});
