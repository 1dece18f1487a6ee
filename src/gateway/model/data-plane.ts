import type { Endpoints } from './backend.ts';
import type { GatewayModel } from './model.ts';
import type { Source } from './source.ts';

/** Who serves a model: Envoy, or Node itself. */
export interface DataPlane {
  /** As in messages: `Envoy`. */
  readonly name: string;
  /** Names of Gateway API's features that it has; what a GatewayClass tells. Sorted. */
  readonly supportedFeatures: readonly string[];
  /** What of a model it cannot do; that part is served without it, or not at all, as the message says. */
  unsupported(model: GatewayModel): readonly Unsupported[];
  /** Makes a model what is served, without an interruption of what did not change. Returns before it is. */
  update(model: GatewayModel): void;
  /** The short way for endpoints alone: they replace those of the same name of the last model. */
  updateEndpoints(changed: readonly Endpoints[]): void;
  /** What is served by now. */
  state(): PlaneState;
  /** Calls `listener` when `state()` changed; the function that is returned ends that. */
  onState(listener: () => void): () => void;
  /** Ends the connections, the idle ones at once, the others when they end or the time is over, and then itself. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** What a data plane cannot do of what resources ask for. */
export interface Unsupported {
  readonly source: Source;
  /** The feature and what to do. */
  readonly message: string;
}

/** What became of the models. */
export interface PlaneState {
  /** Whether anything serves at all: a process runs, and is connected. */
  readonly ready: boolean;
  /** By `GatewayConfig.key`. */
  readonly gateways: ReadonlyMap<string, GatewayState>;
}

/** What became of a gateway. */
export interface GatewayState {
  /** Whether all of it that was not refused is in use, as the last model says it: by every data plane that serves it. */
  readonly programmed: boolean;
  /** What was refused; the last good version of that part is served. */
  readonly refusals: readonly Refusal[];
}

/** A part of a model that a data plane did not take. */
export interface Refusal {
  /** The listener, route, policy or backend. */
  readonly source: Source;
  /** In the data plane's words. */
  readonly message: string;
}
