import { DEBUG_HEADERS, DEBUG_REQUEST } from '../../model/debug-headers.ts';
import type { HeaderChange } from '../../model/index.ts';
import { sessionOf, tellSession } from '../filters/session.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Host } from '../upstream/host.ts';
import type { Exchange } from './exchange.ts';
import type { Routed } from './routed.ts';

/** What a route says of the headers of answers, whoever gives them. */
export function setAnswerChanges(exchange: Exchange, { incoming, route, choice }: Routed): void {
  const changes = [choice?.filters?.responseHeaders, route.responseHeaders].filter(
    (change): change is HeaderChange => change !== undefined,
  );
  const persistence = route.action.type === 'forward' ? route.action.sessionPersistence : undefined;
  const debug =
    exchange.chain.settings?.debugHeaders === true && incoming.headers.get(DEBUG_REQUEST.name) === DEBUG_REQUEST.value;
  if (changes.length === 0 && persistence === undefined && !debug) return;
  const ofBackend = (headers: HeaderList, host: Host): void => {
    if (debug) headers.append(DEBUG_HEADERS.endpoint, host.name);
    if (persistence === undefined) return;
    const known = sessionOf(persistence, incoming.headers);
    tellSession(persistence, host.name, known, headers, incoming.scheme === 'https');
  };
  const told = debug ? debugHeaders(exchange.chain.name, route.name, choice?.backend) : [];
  exchange.answerChanges = { changes, headers: told, ofBackend };
}

/** Headers of the answer beside those; name, value, name, value… */
export function addAnswerHeaders(exchange: Exchange, headers: readonly string[]): void {
  if (headers.length === 0) return;
  const { changes = [], headers: before = [], ofBackend } = exchange.answerChanges ?? {};
  exchange.answerChanges = { changes, headers: [...before, ...headers], ...(ofBackend && { ofBackend }) };
}

function debugHeaders(chain: string, route: string, backend = 'none'): readonly string[] {
  return [DEBUG_HEADERS.listener, chain, DEBUG_HEADERS.route, route, DEBUG_HEADERS.backend, backend];
}
