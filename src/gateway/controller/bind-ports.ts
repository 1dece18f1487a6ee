import { createHash } from 'node:crypto';
import type { GatewayConfig, GatewayModel, Listener } from '../model/index.ts';

/** Ports that listeners get: below those that systems give to connections, and those of nodes. */
const [FIRST, COUNT] = [20_000, 10_000];

/** The port that a listener of a gateway had before, of another process of ours; undefined: none is known. */
export type KnownPort = (gateway: GatewayConfig, listener: Listener) => number | undefined;

/** Gives listeners that are behind load balancers ports of this machine, which all gateways share. */
export class BindPorts {
  #ports = new Map<string, number>();
  readonly #listeners = new WeakMap<Listener, Listener>();
  readonly #gateways = new WeakMap<GatewayConfig, GatewayConfig>();

  /** The model with ports. Who has one keeps it, also that which `known` says; what did not change is the same object. */
  place(model: GatewayModel, known: KnownPort): GatewayModel {
    this.#ports = this.#portsOf(model, known);
    const gateways = model.gateways.map((gateway) => this.#gateway(gateway));
    return { ...model, gateways };
  }

  #portsOf({ gateways }: GatewayModel, known: KnownPort): Map<string, number> {
    const ports = new Map<string, number>();
    const taken = new Set<number>();
    const take = (name: string, port: number): void => {
      ports.set(name, port);
      taken.add(port);
    };
    const all = gateways.flatMap((gateway) => gateway.listeners.map((listener) => ({ gateway, listener })));
    for (const { listener } of all) {
      const port = this.#ports.get(listener.name);
      if (port !== undefined) take(listener.name, port);
    }
    for (const { gateway, listener } of all) {
      const port = ports.has(listener.name) ? undefined : known(gateway, listener);
      if (port !== undefined && isOurs(port) && !taken.has(port)) take(listener.name, port);
    }
    for (const { listener } of all) if (!ports.has(listener.name)) take(listener.name, freePort(listener.name, taken));
    return ports;
  }

  #gateway(gateway: GatewayConfig): GatewayConfig {
    const listeners = gateway.listeners.map((listener) => this.#listener(listener));
    const before = this.#gateways.get(gateway);
    if (before?.listeners.every((listener, index) => listener === listeners[index])) return before;
    const made = { ...gateway, listeners };
    this.#gateways.set(gateway, made);
    return made;
  }

  #listener(listener: Listener): Listener {
    const bindPort = this.#ports.get(listener.name)!;
    const before = this.#listeners.get(listener);
    if (before?.bindPort === bindPort) return before;
    const made = { ...listener, bindPort };
    this.#listeners.set(listener, made);
    return made;
  }
}

function isOurs(port: number): boolean {
  return port >= FIRST && port < FIRST + COUNT;
}

/** By its name, so that it is likely the same where nothing is known of it. */
function freePort(name: string, taken: ReadonlySet<number>): number {
  const start = createHash('sha256').update(name).digest().readUInt32BE(0) % COUNT;
  for (let i = 0; i < COUNT; i++) {
    const port = FIRST + ((start + i) % COUNT);
    if (!taken.has(port)) return port;
  }
  throw new RangeError(`Cannot give listener ${name} a port: all ${COUNT} are taken`);
}
