import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestHeadOf, routeFor, virtualHostFor } from '../matching/index.ts';
import { KNOWN_FEATURES } from '../model/features.ts';
import { sharedObjects } from './golden-cases.ts';
import { Dice } from './random-world.ts';
import type { HTTPRoute, HTTPRouteMatch } from './resources.ts';
import { snapshotOf } from './snapshot.ts';
import { translate } from './translator.ts';

/*
 * Which rule has a request, by the words of the specification: all rules that match are looked for, and then compared. What
 * translations make of the same resources must choose the same one.
 */

const SEED = 20260117;
const WORLDS = 60;
const REQUESTS = 60;

const HOSTNAMES = ['shop.example', 'a.shop.example', '*.shop.example', '*.example'];
const HOSTS = ['shop.example', 'a.shop.example', 'b.shop.example', 'c.a.shop.example', 'x.example', 'other.test'];
const PATHS = ['/', '/a', '/a/b', '/a/b/c', '/ab', '/c'];

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** A match that has a request, with all by which it is compared. */
interface Candidate {
  readonly name: string;
  readonly rank: readonly (number | string)[];
}

function randomMatch(dice: Dice): HTTPRouteMatch {
  const values = (names: readonly string[]) => names.map((name) => ({ name, value: dice.of(['1', '2']) }));
  return {
    ...(dice.percent(80)
      ? { path: { type: dice.of(['Exact', 'PathPrefix', 'PathPrefix']), value: dice.of(PATHS) } }
      : {}),
    ...(dice.percent(30) ? { method: dice.of(['GET', 'POST']) } : {}),
    ...(dice.percent(40) ? { headers: values(dice.some(['x-a', 'x-b'])) } : {}),
    ...(dice.percent(30) ? { queryParams: values(dice.some(['q', 'r'])) } : {}),
  };
}

function randomRoute(dice: Dice, name: string): HTTPRoute {
  const created = `2026-01-0${1 + dice.below(3)}T00:00:00Z`;
  const rules = [0, 1, 2].slice(0, 1 + dice.below(3)).map(() => ({
    matches: [0, 1].slice(0, 1 + dice.below(2)).map(() => randomMatch(dice)),
    backendRefs: [{ name: 'web', port: 80 }],
  }));
  const hostnames = dice.percent(80) ? { hostnames: dice.some(HOSTNAMES) } : {};
  const spec = { parentRefs: [{ name: 'gw' }], ...hostnames, rules };
  return { kind: 'HTTPRoute', metadata: { name, namespace: 'default', creationTimestamp: created }, spec } as HTTPRoute;
}

function randomRequest(dice: Dice): Asked {
  const pairs = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, dice.of(['1', '2'])]));
  return {
    host: dice.of(HOSTS),
    path: dice.of([...PATHS, '/a/', '/a/bc', '/d']),
    method: dice.of(['GET', 'POST']),
    headers: pairs(dice.some(['x-a', 'x-b'])),
    query: pairs(dice.some(['q', 'r'])),
  };
}

/** Whether a hostname has a host. */
function has(hostname: string, host: string): boolean {
  if (hostname === '*') return true;
  return hostname.startsWith('*.')
    ? host.endsWith(hostname.slice(1)) && host.length >= hostname.length
    : hostname === host;
}

/** What a listener's hostname and one of a route have in common. */
function common(listener: string, hostname: string): string | undefined {
  if (has(listener, hostname)) return hostname;
  return has(hostname, listener) ? listener : undefined;
}

/** Exact ones before wildcards, long ones before short ones. */
function specificity(hostname: string): readonly number[] {
  return [hostname.startsWith('*') ? 0 : hostname.length, hostname === '*' ? 0 : hostname.length];
}

function matches({ path, method, headers = [], queryParams = [] }: HTTPRouteMatch, asked: Asked): boolean {
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  const prefix = value.replace(/\/$/, '');
  const isPath = type === 'Exact' ? asked.path === value : asked.path === prefix || asked.path.startsWith(`${prefix}/`);
  return (
    isPath &&
    (method === undefined || method === asked.method) &&
    headers.every((one) => asked.headers[one.name] === one.value) &&
    queryParams.every((one) => asked.query[one.name] === one.value)
  );
}

/** The name of the route of the model that the specification chooses; undefined: 404. */
function chosen(routes: readonly HTTPRoute[], listener: string, asked: Asked): string | undefined {
  const named = routes.flatMap((route) =>
    (route.spec?.hostnames?.length ? route.spec.hostnames : ['*']).flatMap((hostname) => {
      const domain = common(listener, hostname);
      return domain === undefined ? [] : [{ route, hostname, domain }];
    }),
  );
  const domains = named.filter(({ domain }) => has(domain, asked.host)).map(({ domain }) => domain);
  const domain = [...domains, ...(has(listener, asked.host) ? [listener] : [])].sort((a, b) =>
    compare(specificity(a), specificity(b)),
  )[0];
  const candidates = named
    .filter((one) => one.domain === domain)
    .flatMap(({ route, hostname }) => candidatesOf(route, hostname, asked));
  return candidates.sort((a, b) => compare(a.rank, b.rank))[0]?.name;
}

function candidatesOf({ metadata, spec }: HTTPRoute, hostname: string, asked: Asked): Candidate[] {
  const { name, creationTimestamp = '' } = metadata;
  return (spec?.rules ?? []).flatMap((rule, index) =>
    (rule.matches ?? []).flatMap((match, at): Candidate[] => {
      if (!matches(match, asked)) return [];
      const { path, method, headers = [], queryParams = [] } = match;
      const isExact = path?.type === 'Exact';
      const length = (path?.value ?? '/').length;
      const own = [isExact ? 1 : 0, length, method === undefined ? 0 : 1, headers.length, queryParams.length];
      // older, earlier by name, earlier in its route: smaller is better
      const ties = [-Date.parse(creationTimestamp), name, -index, -at];
      return [
        {
          name: `httproute/default/${name}/rule/${index}/match/${at}`,
          rank: [...specificity(hostname), ...own, ...ties],
        },
      ];
    }),
  );
}

/** The greater numbers first, the smaller texts first. */
function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]!;
    if (one === other) continue;
    return typeof one === 'string' ? (one < other ? -1 : 1) : Number(other) - one;
  }
  return 0;
}

test(`a request goes by the rule that the specification chooses (seed ${SEED})`, () => {
  const dice = new Dice(SEED);
  for (let world = 0; world < WORLDS; world++) {
    const routes = ['r', 's', 't', 'u'].map((name) => randomRoute(dice, name));
    const listener = dice.of(['*', '*', '*.example', '*.shop.example', 'shop.example']);
    const hostname = listener === '*' ? {} : { hostname: listener };
    const listeners = [{ name: 'http', port: 80, protocol: 'HTTP', ...hostname }];
    const spec = { gatewayClassName: 'nekube', listeners };
    const gateway = { kind: 'Gateway', metadata: { name: 'gw', namespace: 'default' }, spec };
    const snapshot = snapshotOf([...sharedObjects(), gateway, ...routes], { supportedFeatures: KNOWN_FEATURES });
    const [served] = translate(snapshot).model.gateways;
    const routing = served!.listeners[0]!.chains[0]!.http!;
    for (let count = 0; count < REQUESTS; count++) {
      const asked = randomRequest(dice);
      const head = headOf(asked);
      const virtualHost = virtualHostFor(routing, head.host);
      const found = virtualHost && routeFor(virtualHost, head);
      const told = `world ${world} of seed ${SEED}: ${JSON.stringify(asked)} at ${listener}, ${JSON.stringify(routes)}`;
      assert.equal(found?.name, chosen(routes, listener, asked), told);
    }
  }
});

function headOf({ host, path, method, headers, query }: Asked): ReturnType<typeof requestHeadOf> {
  const search = new URLSearchParams(query).toString();
  const url = `http://${host}${path}${search === '' ? '' : `?${search}`}`;
  return requestHeadOf(url, { method, headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`) });
}
