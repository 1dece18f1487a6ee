// Rounds of the fuzz: random resources are admitted, translated, and served by one Envoy after each other.
import { EnvoyDataPlane } from '../../../dist/gateway/envoy/index.js';
import { translate } from '../../../dist/gateway/index.js';
import { KNOWN_FEATURES } from '../../../dist/gateway/model/features.js';
import { snapshotOf } from '../../../dist/gateway/translate/index.js';
import { eventually, freePort } from '../../../suites/gateway-envoy/world.mjs';
import { Random } from '../random.mjs';
import { Admission } from './admission.mjs';
import { FIXED } from './fixed.mjs';
import { RandomResources } from './resources.mjs';

/** One Envoy, and what it is asked to serve, round by round. */
export class Rounds {
  admission;
  #plane;
  #lines = [];
  #ports = new Map();

  constructor(admission) {
    this.admission = admission;
  }

  /** Starts Envoy in a folder. */
  static async start({ envoy, folder }) {
    const rounds = new Rounds(await Admission.start());
    const log = (line) => rounds.#lines.push(line);
    rounds.#plane = await EnvoyDataPlane.start({
      envoy,
      folder,
      env: process.env,
      log,
      concurrency: 1,
      drainSeconds: 1,
    });
    return rounds;
  }

  /** A round of a seed: `{objects, findings}`; a finding is `{what, object}`. */
  async run(seed, number) {
    const objects = await this.admission.admit(new RandomResources(new Random(seed * 100_003 + number)).round());
    return { objects, findings: await this.serve(objects) };
  }

  /** What is found when these are served: an exception, a refusal, a death. */
  async serve(objects) {
    this.#lines.length = 0;
    const { pid } = this.#plane.process;
    let model;
    try {
      const snapshot = snapshotOf([...FIXED, ...objects], { supportedFeatures: KNOWN_FEATURES });
      model = await this.#here(translate(snapshot).model);
      this.#plane.update(model);
    } catch (error) {
      return [{ what: error.stack, objects }];
    }
    try {
      await eventually(() => this.#isSettled(pid));
    } catch {
      const state = JSON.stringify([...this.#plane.state().gateways]);
      return [{ what: `Envoy does not take it up: ${state} ${this.#lines.join('\n')}`, objects }];
    }
    return [...this.#deaths(pid), ...this.#refusals(objects)];
  }

  async stop() {
    await this.#plane.close();
    await this.admission.stop();
  }

  #isSettled(pid) {
    if (this.#plane.process.pid !== pid) return true;
    const gateways = [...this.#plane.state().gateways.values()];
    return gateways.every(({ programmed, refusals }) => programmed || refusals.length > 0);
  }

  #deaths(pid) {
    return this.#plane.process.pid === pid ? [] : [{ what: `Envoy died: ${this.#lines.join('\n')}` }];
  }

  #refusals(objects) {
    const refusals = [...this.#plane.state().gateways.values()].flatMap((state) => state.refusals);
    const told = refusals.map(({ source, message }) => ({
      what: message,
      object: objects.find(({ kind, metadata }) => kind === source.kind && metadata.name === source.name),
      source,
    }));
    const lines = this.#lines.filter((line) => line.startsWith('Envoy refuses') && told.length === 0);
    return [...told, ...lines.map((what) => ({ what, objects }))];
  }

  /** The model on this machine, at ports that are free. */
  async #here(model) {
    const gateways = [];
    for (const gateway of model.gateways) {
      const listeners = [];
      for (const listener of gateway.listeners) {
        const key = `${gateway.key} ${listener.port}`;
        if (!this.#ports.has(key)) this.#ports.set(key, await freePort());
        listeners.push({ ...listener, port: this.#ports.get(key) });
      }
      gateways.push({ ...gateway, addresses: ['127.0.0.1'], listeners });
    }
    return { ...model, gateways };
  }
}
