import { decode, type Message } from '../codec/codec.ts';

/** What an Envoy says about itself. */
export type Node = Message<'envoy.config.core.v3.Node'>;

/** A request of either protocol. */
export interface Request {
  /** The URL of the type; empty where the stream is of one type alone. */
  readonly type: string;
  /** In the first request of a stream, and perhaps in others. */
  readonly node: Node | undefined;
  /** Of the response that is answered; empty in the first request of a type. */
  readonly nonce: string;
  /** What is wrong with that response; undefined when it is accepted. */
  readonly error: string | undefined;
  readonly wants: Wants;
}

/** What is asked for: all names anew, or those that come and go. */
export type Wants = WorldWants | DeltaWants;

/** What a client of the state of the world asks for. */
export interface WorldWants {
  readonly names: readonly string[];
  /** Of all that it has; empty when it has nothing. */
  readonly version: string;
}

/** What a client of changes asks for. */
export interface DeltaWants {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Versions by name, of what it has when it comes back. */
  readonly initial: Readonly<Record<string, string>>;
}

/** Reads a DiscoveryRequest. @throws ResourceError, WireError */
export function readDiscoveryRequest(bytes: Uint8Array): Request {
  const request = decode('envoy.service.discovery.v3.DiscoveryRequest', bytes);
  const wants = { names: request.resource_names ?? [], version: request.version_info ?? '' };
  return { ...common(request), wants };
}

/** Reads a DeltaDiscoveryRequest. @throws ResourceError, WireError */
export function readDeltaDiscoveryRequest(bytes: Uint8Array): Request {
  const request = decode('envoy.service.discovery.v3.DeltaDiscoveryRequest', bytes);
  const wants = {
    subscribe: request.resource_names_subscribe ?? [],
    unsubscribe: request.resource_names_unsubscribe ?? [],
    initial: request.initial_resource_versions ?? {},
  };
  return { ...common(request), wants };
}

function common(request: {
  readonly type_url?: string;
  readonly node?: Node;
  readonly response_nonce?: string;
  readonly error_detail?: { readonly code?: number; readonly message?: string };
}): Omit<Request, 'wants'> {
  const { type_url: type = '', node, response_nonce: nonce = '', error_detail: detail } = request;
  const error = detail && (detail.message || `code ${detail.code ?? 0}`);
  return { type, node, nonce, error };
}
