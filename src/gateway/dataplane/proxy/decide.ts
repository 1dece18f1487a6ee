import { RequestRecord } from '../access-log/request-record.ts';
import { isGrpc } from '../router/index.ts';
import { act } from './act.ts';
import { setAnswerChanges } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import { askBeforeRoute } from './external-auth.ts';
import { passFilters } from './filter-chain.ts';
import { arrive, type Incoming } from './incoming.ts';
import { weightsOf } from './route-state.ts';

/** Finds the route of a request and does what it says: its filters in their order, then its action. `peer` is who connected. */
export function decide(exchange: Exchange, peer: string): void {
  if (exchange.chain.settings?.accessLogs !== undefined) {
    exchange.record = new RequestRecord(exchange.stream, peer, exchange.plane.wallClock());
  }
  const incoming = arrive(exchange, peer);
  if (incoming === undefined) return;
  exchange.grpc = isGrpc(incoming);
  const early = exchange.chain.router.externalAuths(incoming.host);
  if (early.length === 0) decideRoute(exchange, incoming);
  else askBeforeRoute(exchange, early, incoming, (asked) => decideRoute(exchange, asked));
}

function decideRoute(exchange: Exchange, incoming: Incoming): void {
  const route = exchange.chain.router.route(incoming);
  if (route === undefined) {
    exchange.reply({ status: 404 });
    return;
  }
  if (exchange.record !== undefined) exchange.record.route = route;
  const { action } = route;
  const choice = action.type === 'forward' ? weightsOf(action).next() : undefined;
  const routed = { incoming, route, choice };
  setAnswerChanges(exchange, routed);
  passFilters(exchange, routed, (passed) => act(exchange, passed));
}
