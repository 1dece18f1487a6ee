import type { RequestHead } from '../matching/index.ts';
import type { DirectResponse, Endpoint, Forward, HttpRoute, Redirect, Source } from '../model/index.ts';

/** Where a request goes, and why not elsewhere. */
export interface Explanation {
  readonly request: RequestHead;
  /** A part for each gateway that the request may reach: those with the address, or all that listen on the port. */
  readonly gateways: readonly GatewayExplanation[];
  /** Why there is none. */
  readonly unreachable?: string;
}

/** What one gateway does with a request. */
export interface GatewayExplanation {
  /** `NAMESPACE/NAME`. */
  readonly gateway: string;
  /** What the request came by, from the port to the route. */
  readonly steps: readonly Step[];
  readonly answer: Answer;
  /** Who might have had it, in the order in which they were asked. */
  readonly others: readonly Candidate[];
}

/** A choice on the way. */
export interface Step {
  readonly what: 'listener' | 'chain' | 'path' | 'headers' | 'virtual host' | 'filter' | 'route';
  readonly name: string;
  readonly source: Source;
  /** Why this one. */
  readonly because: string;
}

/** What was not chosen. */
export interface Candidate {
  readonly what: Step['what'];
  readonly name: string;
  readonly source: Source;
  /** Why not. */
  readonly because: string;
}

/** What the client gets. */
export type Answer =
  | {
      readonly type: 'forward';
      readonly route: HttpRoute;
      readonly action: Forward;
      readonly targets: readonly Target[];
    }
  | { readonly type: 'redirect'; readonly route: HttpRoute; readonly action: Redirect; readonly location: string }
  | { readonly type: 'direct'; readonly route: HttpRoute; readonly action: DirectResponse }
  /** A connection is handed on as it is. */
  | { readonly type: 'stream'; readonly name: string; readonly source: Source; readonly targets: readonly Target[] }
  /** Answered before a route is chosen. */
  | {
      readonly type: 'unrouted';
      readonly statusCode: 307 | 400;
      readonly because: string;
      readonly location?: string;
    }
  /** No route has it: 404. */
  | { readonly type: 'not-found'; readonly because: string }
  /** The connection is not taken. */
  | { readonly type: 'closed'; readonly because: string };

/** A backend that may get the request. */
export interface Target {
  /** Of all requests of the route, from 0 to 1. */
  readonly share: number;
  readonly source: Source;
  /** Absent with `invalid`. */
  readonly backend?: string;
  readonly endpoints: readonly Endpoint[];
  /** What the client gets where nothing can be asked: `503: no endpoint is ready`. */
  readonly instead?: string;
}
