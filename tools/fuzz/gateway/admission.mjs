// What a cluster would admit, with its defaults: an API server in this process is asked, and keeps nothing.
import { start } from '../../../dist/envtest/index.js';
import { gatewayDefinitions } from '../../../dist/gateway/install/definitions.js';

const KINDS = new Set(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'BackendTLSPolicy']);
const OWN_KINDS = new Set(['ClientPolicy', 'BackendPolicy', 'SecurityPolicy']);

/** An API server that has the definitions of what the fuzz makes. */
export class Admission {
  #env;
  /** How many objects of each kind were admitted, and how many were not. */
  admitted = new Map();
  refused = new Map();
  /** The first reasons, for who works on the fuzz. */
  reasons = new Map();

  constructor(env) {
    this.#env = env;
  }

  static async start() {
    const env = await start({ level: 'fake' });
    const wanted = ({ kind, spec }) =>
      kind === 'CustomResourceDefinition' && (KINDS.has(spec.names.kind) || OWN_KINDS.has(spec.names.kind));
    for (const definition of gatewayDefinitions('experimental').filter(wanted)) await env.client.create(definition);
    return new Admission(env);
  }

  /** The objects that are admitted, as they would be stored. */
  async admit(objects) {
    const all = await Promise.all(objects.map((object) => this.#ask(object)));
    return all.filter((object) => object !== undefined);
  }

  async stop() {
    await this.#env.stop();
  }

  async #ask(object) {
    const { kind } = object;
    try {
      const admitted = await this.#create(object);
      this.admitted.set(kind, (this.admitted.get(kind) ?? 0) + 1);
      return admitted;
    } catch (error) {
      if (error.status?.reason !== 'Invalid') throw error;
      this.refused.set(kind, (this.refused.get(kind) ?? 0) + 1);
      for (const { field, message } of error.status.details?.causes ?? []) {
        const about = message?.replace(/^Invalid value: "[^"]*": \S+/, '').slice(0, 120);
        const why = `${kind} ${field?.replace(/\d+/g, 'N')}: ${about}`;
        this.reasons.set(why, (this.reasons.get(why) ?? 0) + 1);
      }
      return undefined;
    }
  }

  /** A definition is served a moment after it was made. */
  async #create(object) {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#env.client.create(object, { dryRun: true });
      } catch (error) {
        const isServed = error.name !== 'NoMatchError' && error.status?.reason !== 'NotFound';
        if (isServed || tries > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}
