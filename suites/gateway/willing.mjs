// A server with Gateway API, and the gateway's controllers with a data plane that serves all that it is told to.
import { after, before } from 'node:test';
import { systemClock } from 'nekube/client';
import { Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';
import { addGatewayController, installGatewayApi, OwnAddresses, parseAddressRange } from 'nekube/gateway';

class WillingDataPlane {
  name = 'Willing';
  models = [];
  /** Those that came the short way, by name. */
  endpoints = new Map();
  #gateways = new Map();
  #listeners = new Set();

  constructor(features) {
    this.supportedFeatures = features;
  }
  unsupported() {
    return [];
  }
  update(model) {
    this.models.push(model);
    this.#gateways = new Map(model.gateways.map(({ key }) => [key, { programmed: true, refusals: [] }]));
    for (const listener of this.#listeners) listener();
  }
  updateEndpoints(changed) {
    for (const each of changed) this.endpoints.set(each.name, each);
  }
  state() {
    return { ready: true, gateways: this.#gateways };
  }
  onState(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async close() {}
}

/** For a file of tests: `env`, `namespace` and `dataPlane` are there when they run. Gateways have addresses of 10.9.8.0/24. */
export function willingGateways(features) {
  const world = { dataPlane: new WillingDataPlane(features) };
  const ending = new AbortController();
  let running;
  before(async () => {
    world.env = await start({ level: 'envtest' });
    world.namespace = await world.env.namespace();
    await installGatewayApi(world.env.client, { channel: 'experimental', clock: systemClock });
    const manager = new Manager({ client: world.env.client });
    const addresses = new OwnAddresses(parseAddressRange('10.9.8.0/24'), async () => true);
    await addGatewayController(manager, { dataPlane: world.dataPlane, addresses });
    running = manager.start(ending.signal);
  });
  after(async () => {
    ending.abort();
    await running;
    await world.env?.stop();
  });
  return world;
}
