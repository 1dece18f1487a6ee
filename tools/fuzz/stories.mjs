// Random stories: what three managers do to a few objects, as scenarios of suites/golden.
import { mistake } from './mistakes.mjs';
import { collectionOf, kinds, makeObject } from './objects.mjs';
import { Random } from './random.mjs';

const MANAGERS = ['one', 'two', 'three'];
const NAMES = ['a', 'b'];

/** The story of a number: `steps` requests about objects of some of `among`, then the lists of what is left. */
export function makeStory(seed, number, steps, among = Object.keys(kinds)) {
  const random = new Random(seed * 1_000_003 + number);
  const chosen = random.shuffled(among).slice(0, random.pick([1, 1, 2]));
  const requests = Array.from({ length: steps }, (_, i) => {
    const kind = random.pick(chosen);
    return i < chosen.length ? create(random, chosen[i], 'a') : request(random, kind, random.pick(NAMES));
  });
  const lists = chosen.map((kind) => ({ method: 'GET', path: collectionOf(kind) }));
  const story = [...requests, ...lists];
  return {
    name: `seed-${seed}-${number}`,
    why: `a random story about ${chosen.join(' and ')}`,
    steps: chosen.some((kind) => kinds[kind].lateDefaults) ? story.map((step) => ({ ...step, rvAny: true })) : story,
    cleanup: chosen.flatMap(removal),
  };
}

/** Lets go of what a story leaves, above all of cluster IPs: namespaces are not emptied without a controller. */
function removal(kind) {
  return NAMES.flatMap((name) => {
    const path = `${collectionOf(kind)}/${name}`;
    const body = { metadata: { finalizers: null } };
    return [
      { method: 'PATCH', path, contentType: 'application/merge-patch+json', body },
      { path, query: { gracePeriodSeconds: '0' } },
    ];
  });
}

const VERBS = [
  [14, create],
  [30, apply],
  [14, update],
  [12, mergePatch],
  [10, jsonPatch],
  [12, strategicPatch],
  [4, remove],
  [2, get],
  [4, subresource],
];

function request(random, kind, name) {
  return random.weighted(VERBS)(random, kind, name);
}

function objectOf(random, kind, name) {
  const object = makeObject(random, kind, name);
  return random.chance(0.15) ? mistake(random, object) : object;
}

function queryOf(random) {
  return {
    fieldManager: random.pick(MANAGERS),
    ...(random.chance(0.05) && { dryRun: 'All' }),
    ...(random.chance(0.15) && { fieldValidation: random.pick(['Strict', 'Warn', 'Ignore']) }),
  };
}

function create(random, kind, name) {
  return { method: 'POST', path: collectionOf(kind), query: queryOf(random), body: objectOf(random, kind, name) };
}

function update(random, kind, name) {
  const body = objectOf(random, kind, name);
  return { method: 'PUT', path: `${collectionOf(kind)}/${name}`, query: queryOf(random), body };
}

function apply(random, kind, name) {
  const query = { ...queryOf(random), ...(random.chance(0.3) && { force: 'true' }) };
  const whole = objectOf(random, kind, name);
  const body = random.chance(0.4) ? thinned(random, whole) : whole;
  return patch(kind, name, 'application/apply-patch+yaml', query, {
    ...body,
    apiVersion: whole.apiVersion,
    kind: whole.kind,
  });
}

function patch(kind, name, contentType, query, body) {
  return { method: 'PATCH', path: `${collectionOf(kind)}/${name}`, contentType, query, body };
}

function mergePatch(random, kind, name) {
  return patch(kind, name, 'application/merge-patch+json', queryOf(random), changeOf(random, kind, name));
}

/** Some of another object's fields, a few of them deleted. */
function changeOf(random, kind, name) {
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...rest } = objectOf(random, kind, name);
  const { name: _name, ...meta } = typeof metadata === 'object' ? (metadata ?? {}) : {};
  return withNulls(random, thinned(random, { ...rest, ...(Object.keys(meta).length > 0 && { metadata: meta }) }));
}

/** The object with some of its members, at all depths. */
function thinned(random, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key === 'metadata' || key === 'name' || random.chance(0.7));
  return Object.fromEntries(kept.map(([key, member]) => [key, key === 'name' ? member : thinned(random, member)]));
}

function withNulls(random, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, random.chance(0.08) ? null : withNulls(random, member)]),
  );
}

function jsonPatch(random, kind, name) {
  const object = objectOf(random, kind, name);
  const operations = Array.from({ length: 1 + random.below(3) }, () => operationOf(random, object));
  return patch(kind, name, 'application/json-patch+json', queryOf(random), operations);
}

function operationOf(random, object) {
  const places = pointersOf(object, '').filter(({ path }) => !/^\/(kind|apiVersion|metadata\/name)$/.test(path));
  const { path, value } = random.pick(places) ?? { path: '/data', value: {} };
  const op = random.weighted([
    [5, 'add'],
    [4, 'replace'],
    [3, 'remove'],
    [1, 'test'],
    [1, 'copy'],
    [1, 'move'],
  ]);
  if (op === 'copy' || op === 'move') return { op, from: (random.pick(places) ?? { path: '/metadata' }).path, path };
  const at = random.chance(0.1) ? path.replace(/\/\d+/, () => random.pick(['/-', '/9', '/-1'])) : path;
  return op === 'remove' ? { op, path: at } : { op, path: at, value };
}

/** The JSON pointers of all members and elements. */
function pointersOf(value, base) {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const path = `${base}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [{ path, value: member }, ...pointersOf(member, path)];
  });
}

function strategicPatch(random, kind, name) {
  const change = changeOf(random, kind, name);
  if (random.chance(0.4)) directive(random, change);
  return patch(kind, name, 'application/strategic-merge-patch+json', queryOf(random), change);
}

/** Puts a directive into the change: deletes or replaces an object or an element, or orders a list. */
function directive(random, change) {
  const holders = holdersOf(change);
  if (holders.length === 0) return;
  const holder = random.pick(holders);
  if (!Array.isArray(holder)) {
    holder.$patch = random.weighted([
      [5, 'delete'],
      [4, 'replace'],
      [1, 'bogus'],
    ]);
    return;
  }
  const element = random.pick(holder);
  if (typeof element === 'object' && element !== null) element.$patch = random.pick(['delete', 'replace']);
}

function holdersOf(value) {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(holdersOf);
  return Array.isArray(value) && value.length === 0 ? inside : [value, ...inside];
}

function remove(random, kind, name) {
  const query = random.chance(0.2) ? { dryRun: 'All' } : {};
  const body = random.chance(0.3)
    ? { propagationPolicy: random.pick(['Foreground', 'Background', 'Orphan', 'Bogus']) }
    : undefined;
  return { method: 'DELETE', path: `${collectionOf(kind)}/${name}`, query, ...(body && { body }) };
}

function get(_random, kind, name) {
  return { method: 'GET', path: `${collectionOf(kind)}/${name}` };
}

function subresource(random, kind, name) {
  const { status, scale } = kinds[kind];
  const query = queryOf(random);
  if (scale && random.chance(0.5)) {
    const body = { spec: { replicas: random.pick([0, 1, 5, -1]) } };
    const request_ = patch(kind, name, 'application/merge-patch+json', query, body);
    return { ...request_, path: `${request_.path}/scale` };
  }
  if (!status) return get(random, kind, name);
  const body = { metadata: { labels: { status: 'x' } }, status: statusOf(random, kind) };
  const request_ = patch(kind, name, 'application/merge-patch+json', query, body);
  return { ...request_, path: `${request_.path}/status` };
}

function statusOf(random, kind) {
  const conditions = [{ type: 'Ready', status: random.pick(['True', 'False']), reason: 'R', message: 'm' }];
  switch (kind) {
    case 'Service':
      return { loadBalancer: { ingress: [{ ip: random.pick(['192.0.2.7', 'bad']) }] } };
    case 'Pod':
      return { phase: random.pick(['Running', 'Failed', 'Bogus']), conditions, podIP: '10.1.2.3' };
    case 'PersistentVolumeClaim':
      return { phase: 'Bound', capacity: { storage: '1Gi' } };
    case 'Deployment':
      return { replicas: random.pick([2, -1]), readyReplicas: random.below(4), observedGeneration: 1, conditions };
    default:
      return { active: random.below(2), failed: random.below(3) };
  }
}
