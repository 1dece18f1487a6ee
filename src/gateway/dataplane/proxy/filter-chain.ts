import { HTTP_FILTERS, type HttpFilterName } from '../../model/filter-order.ts';
import type { Fault } from '../../model/index.ts';
import { checkApiKey, checkAuthorization, checkBasicAuth, type Denial, withoutApiKeys } from '../filters/access.ts';
import { corsVerdict } from '../filters/cors.ts';
import { addAnswerHeaders } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import { askExternalAuth } from './external-auth.ts';
import { askRateLimit } from './global-rate-limit.ts';
import { countersOf, isPlain } from './route-state.ts';
import type { Routed } from './routed.ts';
import { checkToken } from './token-check.ts';

type Next = (routed: Routed) => void;
/** Lets a request go on, now or later, perhaps changed; or answers it. */
type Filter = (exchange: Exchange, routed: Routed, next: Next) => void;

/** Has a request pass the filters of its route, in the order that all data planes have. */
export function passFilters(exchange: Exchange, routed: Routed, passed: Next): void {
  if (isPlain(routed.route) && routed.choice?.filters === undefined) passed(routed);
  else passFrom(0, exchange, routed, passed);
}

function passFrom(index: number, exchange: Exchange, routed: Routed, passed: Next): void {
  const name = HTTP_FILTERS[index];
  if (name === undefined) return passed(routed);
  FILTERS[name](exchange, routed, (changed) => passFrom(index + 1, exchange, changed, passed));
}

const FILTERS: Readonly<Record<HttpFilterName, Filter>> = {
  fault(exchange, routed, next) {
    const { fault } = routed.route.settings ?? {};
    if (fault === undefined) return next(routed);
    const later = (): void => {
      if (!isAborted(exchange, fault)) next(routed);
    };
    if (fault.delay === undefined || !happens(exchange, fault.delay)) return later();
    const timer = setTimeout(() => exchange.guarded(later), fault.delay.ms);
    exchange.onOver(() => clearTimeout(timer));
  },

  cors(exchange, routed, next) {
    const { incoming, route, choice } = routed;
    const cors = choice?.filters?.cors ?? route.cors;
    const verdict = cors && corsVerdict(cors, incoming.method, incoming.headers);
    addAnswerHeaders(exchange, verdict?.headers ?? []);
    if (verdict?.preflight === true) exchange.reply({ status: 200 });
    else next(routed);
  },

  externalAuth(exchange, routed, next) {
    const { incoming, route, choice } = routed;
    const auth = choice?.filters?.externalAuth ?? route.externalAuth;
    if (auth === undefined) next(routed);
    else askExternalAuth(exchange, auth, incoming, () => next(routed));
  },

  apiKey(exchange, routed, next) {
    const { incoming, route } = routed;
    const { apiKeys } = route.settings ?? {};
    if (apiKeys === undefined) return next(routed);
    const denial = checkApiKey(apiKeys, incoming);
    if (denial !== undefined) refuse(exchange, denial);
    else if (apiKeys.sanitize !== true) next(routed);
    else next({ ...routed, incoming: { ...incoming, query: withoutApiKeys(apiKeys, incoming) } });
  },

  basicAuth(exchange, routed, next) {
    const { basicAuth } = routed.route.settings ?? {};
    const denial = basicAuth && checkBasicAuth(basicAuth, routed.incoming);
    if (denial === undefined) next(routed);
    else refuse(exchange, denial);
  },

  jwt(exchange, routed, next) {
    const { jwt } = routed.route.settings ?? {};
    if (jwt === undefined) next(routed);
    else checkToken(exchange, jwt, routed.incoming, (incoming) => next({ ...routed, incoming }));
  },

  /** Where it goes is chosen when it goes. */
  session: (_exchange, routed, next) => next(routed),

  buffer(exchange, routed, next) {
    const { maxRequestBodyBytes } = routed.route.settings ?? {};
    if (maxRequestBodyBytes === undefined) return next(routed);
    exchange.maxBodyBytes = maxRequestBodyBytes;
    const announced = Number(routed.incoming.headers.first('content-length') ?? 0);
    if (announced > maxRequestBodyBytes) exchange.reply({ status: 413, body: 'Payload Too Large' });
    else next(routed);
  },

  rbac(exchange, routed, next) {
    const { authorization } = routed.route.settings ?? {};
    const denial = authorization && checkAuthorization(authorization, routed.incoming);
    if (denial === undefined) next(routed);
    else refuse(exchange, denial);
  },

  localRateLimit(exchange, routed, next) {
    const { incoming, route } = routed;
    const counters = route.settings === undefined ? [] : countersOf(route.settings);
    const { now } = exchange.plane.sweeper;
    if (counters.every((counter) => counter.allows(incoming.headers, incoming.client, now))) next(routed);
    else exchange.reply({ status: 429, body: 'local_rate_limited' });
  },

  globalRateLimit(exchange, routed, next) {
    const { globalRateLimits } = routed.route.settings ?? {};
    if (globalRateLimits === undefined) next(routed);
    else askRateLimit(exchange, globalRateLimits, routed.incoming, () => next(routed));
  },

  /** Says what its answer may be made of. */
  compressor(exchange, routed, next) {
    const { incoming, route } = routed;
    const { compression } = route.settings ?? {};
    if (compression !== undefined && incoming.method !== 'HEAD') {
      exchange.compression = { kinds: compression, accepted: incoming.headers.get('accept-encoding') };
    }
    next(routed);
  },
};

function isAborted(exchange: Exchange, { abort }: Fault): boolean {
  if (abort === undefined || !happens(exchange, abort)) return false;
  const { httpStatus = 503, grpcStatus } = abort;
  exchange.reply({ status: httpStatus, body: 'fault filter abort', ...(grpcStatus !== undefined && { grpcStatus }) });
  return true;
}

function happens({ plane }: Exchange, { percent }: { readonly percent: number }): boolean {
  return plane.random() * 100 < percent;
}

function refuse(exchange: Exchange, { status, body, challenge }: Denial): void {
  exchange.reply({ status, body, headers: challenge === undefined ? [] : ['www-authenticate', challenge] });
}
