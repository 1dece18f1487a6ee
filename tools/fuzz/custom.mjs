// Random stories about custom resources: a definition with a random schema and rules in CEL, then what three managers do
// to objects of it. Of the form of stories.mjs.
import { Random } from './random.mjs';

const MANAGERS = ['one', 'two', 'three'];
const NAMES = ['a', 'b'];
const GROUP = '{{id}}.example.com';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const OBJECTS = `/apis/${GROUP}/v1/namespaces/{{ns}}/things`;

/** The story of a number: a definition, `steps` requests about its objects, the list of what is left. */
export function makeCustomStory(seed, number, steps) {
  const random = new Random(seed * 1_000_003 + number);
  const schema = objectSchema(random, 2);
  const definition = definitionOf(random, schema);
  const requests = Array.from({ length: steps }, (_, i) => request(random, schema, i === 0 ? 'a' : random.pick(NAMES)));
  return {
    name: `custom-${seed}-${number}`,
    why: 'a random story about custom resources',
    steps: [
      { method: 'POST', path: DEFINITIONS, body: definition },
      // a moment passes until it is served; a definition that was refused never is
      { method: 'GET', path: OBJECTS, until: { code: 200, timeoutMs: 1500 }, silent: true },
      // properties are validated in the order of a Go map
      ...requests.map((step) => ({ ...step, sortCauses: true })),
      { method: 'GET', path: OBJECTS },
    ],
    cleanup: [{ path: `${DEFINITIONS}/things.${GROUP}` }],
  };
}

function definitionOf(random, schema) {
  const spec = { ...schema, ...rulesOf(random, schema) };
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    ...(random.chance(0.4) && { subresources: { status: {} } }),
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [version],
    },
  };
}

const FIELDS = ['count', 'limit', 'name', 'mode', 'flag', 'items', 'tags', 'sub', 'ratio', 'port'];

/** What a field can be; bounds are there, so that costs can be estimated. */
const SHAPES = {
  count: () => ({ type: 'integer' }),
  limit: (random) => ({ type: 'integer', minimum: random.pick([0, -5]), maximum: 100 }),
  name: (random) => ({
    type: 'string',
    maxLength: random.pick([5, 20]),
    ...(random.chance(0.3) && { minLength: 1 }),
    ...(random.chance(0.3) && { pattern: '^[a-z]+$' }),
    ...(random.chance(0.2) && { nullable: true }),
  }),
  mode: (random) => ({
    type: 'string',
    enum: ['fast', 'slow'],
    ...(random.chance(0.4) && { default: 'fast' }),
  }),
  flag: () => ({ type: 'boolean' }),
  items: (random) => listSchema(random),
  tags: () => ({ type: 'object', maxProperties: 5, additionalProperties: { type: 'string', maxLength: 10 } }),
  sub: (random, depth) => (depth > 0 ? objectSchema(random, depth - 1) : { type: 'object' }),
  ratio: (random) => ({ type: 'number', ...(random.chance(0.4) && { multipleOf: 0.5 }) }),
  port: () => ({ 'x-kubernetes-int-or-string': true }),
};

function listSchema(random) {
  const kind = random.pick(['atomic', 'set', 'map']);
  const type = { 'x-kubernetes-list-type': kind };
  if (kind !== 'map') return { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 10 }, ...type };
  const properties = { key: { type: 'string', maxLength: 10 }, value: { type: 'integer' } };
  const items = { type: 'object', required: ['key'], properties };
  return { type: 'array', maxItems: 5, items, ...type, 'x-kubernetes-list-map-keys': ['key'] };
}

function objectSchema(random, depth) {
  const names = random.some(FIELDS, 0.55);
  const properties = Object.fromEntries(names.map((name) => [name, SHAPES[name](random, depth)]));
  const required = names.filter(() => random.chance(0.12));
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

/** Rules about the fields that there are; some are about fields that there are not, or do not fit their types. */
const RULES = [
  [['count'], '!has(self.count) || self.count >= 0'],
  [['count'], 'has(self.count) ? self.count % 2 == 0 : true'],
  [['count'], 'self.count < 1000'],
  [['count', 'limit'], '!has(self.count) || !has(self.limit) || self.count <= self.limit'],
  [['limit'], 'self.?limit.orValue(1) > 0'],
  [['name'], 'self.?name.orValue("x").startsWith("x")'],
  [['name'], '!has(self.name) || self.name.size() > 1'],
  [['name'], '!has(self.name) || !self.name.matches("^b")'],
  [['name'], '!has(self.name) || self.name.lowerAscii() == self.name'],
  [['name'], '!has(self.name) || self.name in ["x", "xy", "abc"]'],
  [['mode'], '!has(self.mode) || self.mode != "slow"'],
  [['flag'], '!has(self.flag) || self.flag'],
  [['items'], '!has(self.items) || self.items.size() < 3'],
  [['items'], '!has(self.items) || self.items.all(i, i != self.items[0] || true)'],
  [['items'], '!has(self.items) || self.items.exists(i, true) || self.items == []'],
  [['items'], '!has(self.items) || self.items[1] == self.items[0]'],
  [['tags'], '!has(self.tags) || self.tags.all(k, k.size() < 4)'],
  [['tags'], '!has(self.tags) || !("a" in self.tags) || self.tags["a"] != ""'],
  [['tags'], '!has(self.tags) || self.tags.transformList(k, v, k + v).size() < 3'],
  [['sub'], '!has(self.sub) || has(self.sub.count) == has(self.sub.count)'],
  [['ratio'], '!has(self.ratio) || self.ratio < 2.5'],
  [['port'], '!has(self.port) || type(self.port) == int || self.port == "http"'],
  [['count'], 'self.count == oldSelf.count'],
  [['count'], '!has(oldSelf.count) || !has(self.count) || self.count >= oldSelf.count'],
  [['name'], '!has(self.name) || !has(oldSelf.name) || self.name == oldSelf.name'],
  [['nothing'], 'self.nothing == 1'],
  [['count'], 'self.count == "text"'],
  [['name'], 'self.name +'],
];

function rulesOf(random, { properties }) {
  const fitting = RULES.filter(([fields]) => fields.every((field) => field in properties));
  const chosen = random.shuffled(fitting).slice(0, random.below(5));
  const others = random.chance(0.06) ? [random.pick(RULES)] : [];
  const rules = [...chosen, ...others].filter(([, rule]) => random.chance(0.9) || rule.length < 40);
  const sound = rules.filter(([, rule]) => !/nothing|"text"|\+$/.test(rule) || random.chance(0.3));
  if (sound.length === 0) return {};
  return { 'x-kubernetes-validations': sound.map(([fields, rule]) => ruleOf(random, fields, rule)) };
}

function ruleOf(random, [field], rule) {
  return {
    rule,
    ...(random.chance(0.4) && { message: `${field} is not as it must be` }),
    ...(random.chance(0.2) && { messageExpression: `"wrong: " + string(has(self.${field}))` }),
    ...(random.chance(0.2) && {
      reason: random.pick(['FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate']),
    }),
    ...(random.chance(0.2) && { fieldPath: `.${field}` }),
    ...(rule.includes('oldSelf') && random.chance(0.15) && { optionalOldSelf: false }),
  };
}

const VALUES = {
  count: (random) => random.pick([0, 1, 2, 7, 1500, -1]),
  limit: (random) => random.pick([0, 3, 100, 101]),
  name: (random) => random.pick(['x', 'xy', 'abc', 'b', 'XY', 'much too long for anything', '']),
  mode: (random) => random.pick(['fast', 'slow', 'slow', 'other']),
  flag: (random) => random.chance(0.6),
  items: (random, schema) => elements(random, schema),
  tags: (random) =>
    Object.fromEntries(random.some(['a', 'bb', 'ccccc']).map((key) => [key, random.pick(['', 'v', '1'])])),
  sub: (random, schema) => valueOf(random, schema),
  ratio: (random) => random.pick([0.5, 1, 2.5, 0.3, 7]),
  port: (random) => random.pick([80, 'http', 'x', 1.5]),
};

function elements(random, schema) {
  const texts = Array.from({ length: random.below(4) }, () => random.pick(['p', 'q', 'r']));
  if (schema['x-kubernetes-list-type'] !== 'map') return texts;
  return texts.map((key) => ({ key, ...(random.chance(0.6) && { value: random.below(3) }) }));
}

function valueOf(random, { properties = {} }) {
  const named = Object.entries(properties).filter(() => random.chance(0.6));
  const object = Object.fromEntries(named.map(([name, schema]) => [name, VALUES[name](random, schema)]));
  if (random.chance(0.08)) object.unknown = random.pick([1, 'text', { a: 1 }]);
  if (random.chance(0.08) && named.length > 0) object[named[0][0]] = random.pick([null, 'text', 5, [], {}]);
  return object;
}

function objectOf(random, schema, name) {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Thing',
    metadata: { name, ...(random.chance(0.3) && { labels: { app: random.pick(['a', 'b']) } }) },
    ...(random.chance(0.95) && { spec: valueOf(random, schema) }),
  };
}

const VERBS = [
  [16, 'create'],
  [34, 'apply'],
  [16, 'update'],
  [20, 'merge'],
  [8, 'json'],
  [4, 'delete'],
  [4, 'status'],
];

function request(random, schema, name) {
  const query = {
    fieldManager: random.pick(MANAGERS),
    ...(random.chance(0.05) && { dryRun: 'All' }),
    ...(random.chance(0.15) && { fieldValidation: random.pick(['Strict', 'Warn', 'Ignore']) }),
  };
  const path = `${OBJECTS}/${name}`;
  const body = objectOf(random, schema, name);
  switch (random.weighted(VERBS)) {
    case 'create':
      return { method: 'POST', path: OBJECTS, query, body };
    case 'apply':
      return {
        method: 'PATCH',
        path,
        contentType: 'application/apply-patch+yaml',
        query: { ...query, ...(random.chance(0.4) && { force: 'true' }) },
        body,
      };
    case 'update':
      return { method: 'PUT', path, query, body };
    case 'merge':
      return {
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        query,
        body: { spec: body.spec ?? null },
      };
    case 'json':
      return {
        method: 'PATCH',
        path,
        contentType: 'application/json-patch+json',
        query,
        body: operations(random, body),
      };
    case 'delete':
      return { method: 'DELETE', path };
    default: {
      const change = { status: { seen: random.below(3) }, spec: body.spec };
      return {
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/merge-patch+json',
        query,
        body: change,
      };
    }
  }
}

function operations(random, { spec = {} }) {
  const fields = Object.entries(spec);
  if (fields.length === 0) return [{ op: 'add', path: '/spec', value: {} }];
  const [name, value] = random.pick(fields);
  const op = random.pick(['add', 'add', 'replace', 'remove', 'test']);
  return [op === 'remove' ? { op, path: `/spec/${name}` } : { op, path: `/spec/${name}`, value }];
}
