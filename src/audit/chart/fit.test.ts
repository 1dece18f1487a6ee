import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isJsonObject, type JsonObject, type JsonValue, seededRandom } from 'nekube/apimachinery';
import { fit, newFitting } from './fit.ts';
import { randomSpec, wideSpec } from './random-spec.ts';
import { refine } from './refine.ts';
import { Turns } from './turns.ts';
import { normalized } from './normalized.ts';
import { evaluate, type Scope } from './template.ts';

/** The spec of all cases. */
const SCHEMA = {
  type: 'object',
  required: ['image'],
  properties: {
    image: { type: 'string' },
    tag: { type: 'string' },
    replicas: { type: 'integer', minimum: 0, maximum: 20 },
    mode: { type: 'string', enum: ['plain', 'tls', 'mutual'] },
    debug: { type: 'boolean' },
    ports: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'port'],
        properties: { name: { type: 'string' }, port: { type: 'integer' }, node: { type: 'integer' } },
      },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    storage: { type: 'object', properties: { size: { type: 'string' }, enabled: { type: 'boolean' } } },
    resources: { type: 'object', properties: { cpu: { type: 'integer' }, memory: { type: 'integer' } } },
  },
} as unknown as JsonObject;

type Spec = {
  readonly image: string;
  readonly tag?: string;
  readonly replicas?: number;
  readonly mode?: string;
  readonly debug?: boolean;
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly node?: number }[];
  readonly labels?: Record<string, string>;
  readonly storage?: { readonly size?: string; readonly enabled?: boolean };
  readonly resources?: JsonObject;
};

/** What an operator could make of a spec: each must be found. */
const FUNCTIONS: Readonly<Record<string, (spec: Spec, name: string) => unknown>> = {
  'the same always': () => ({ kind: 'Service', list: [1, 'two'] }),
  'a value as it is': ({ image }) => ({ image }),
  'an object as it is, or nothing': ({ resources }) => ({ container: { ...(resources && { resources }) } }),
  'a value or another': ({ tag }) => tag ?? 'latest',
  'values in a text': ({ image, tag }, name) => `${name}/${image}:${tag ?? 'latest'}`,
  'a number in a text': ({ replicas }) => `n=${replicas ?? 1}`,
  'an integer and more': ({ replicas }) => (replicas === undefined ? 2 : 2 * replicas + 1),
  'one for each value of an enumeration': ({ mode }) => ({ plain: 80, tls: 443, mutual: 8443 })[mode ?? 'plain'],
  'a member if a truth value is set': ({ debug }) => ({ name: 'shop', ...(debug && { args: ['--debug'] }) }),
  'an item if a truth value is set, among others': ({ debug, image }) => [
    { name: 'a', value: image },
    ...(debug ? [{ name: 'debug', value: '1' }] : []),
    { name: 'z', value: 'last' },
  ],
  'an item for each of a list': ({ ports = [] }) =>
    ports.map(({ name, port }) => ({ containerPort: port, name: `p-${name}` })),
  'an item for each, and fixed ones around': ({ ports = [], image }) => [
    '--image',
    image,
    ...ports.map(({ port }) => `--port=${port}`),
    '--end',
  ],
  'items of two collections, one behind another': ({ ports = [], labels = {} }) => [
    'first',
    ...ports.map(({ name }) => `p-${name}`),
    ...Object.keys(labels)
      .sort()
      .map((key) => `l-${key}`),
  ],
  'items of two collections, the other way round': ({ ports = [], labels = {} }) => [
    ...Object.keys(labels)
      .sort()
      .map((key) => `l-${key}`),
    ...ports.map(({ name }) => `p-${name}`),
  ],
  'an item for each with a question in it': ({ ports = [] }) =>
    ports.map(({ port, node }) => ({ port, ...(node && { nodePort: node }) })),
  'the members of a map, and others': ({ labels = {} }, name) => ({ app: name, ...labels }),
  'the members of a map, called otherwise and encoded': ({ labels = {} }, name) => ({
    app: name,
    ...Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`x/${key}`, Buffer.from(value).toString('base64')]),
    ),
  }),
  'an item for each member of a map': ({ labels = {} }) =>
    Object.keys(labels)
      .sort()
      .map((key) => ({ name: key, value: labels[key] })),
  'a question in a question': ({ storage, mode }) =>
    storage?.enabled ? { claim: storage.size ?? '1Gi', ...(mode === 'tls' && { secret: 'tls' }) } : { emptyDir: 'yes' },
  encoded: ({ image }) => ({ data: Buffer.from(`image=${image}`).toString('base64') }),
  'more than one': ({ replicas = 1 }) => (replicas > 1 ? { spread: true } : {}),
};

/** What shows only with values that are not plain. */
const WIDE: typeof FUNCTIONS = {
  'in small letters': ({ image }) => ({ image: lower(image) }),
  'in small letters, in a text': ({ image, tag }) => `${lower(image)}:${tag ?? 'latest'}`,
  'another if it is empty': ({ tag }) => ({ tag: tag || 'latest' }),
  'another if it is absent, and not if it is empty': ({ tag }) => ({ tag: tag ?? 'latest' }),
  'a number, or another if it is zero': ({ replicas }) => ({ replicas: replicas || 3 }),
  'a name that is cut': ({ image }, name) => ({ name: cut(`${name}-${image}`, 40) }),
  'a name that is cut, without a dash behind': ({ image }, name) => ({
    name: cut(`${name}-${image}`, 40).replace(/-$/, ''),
  }),
  'a value that is cut in a text': ({ image }) => ({ name: `${cut(image, 20)}-suffix` }),
  'without spaces around': ({ image }) => ({ image: image.trim() }),
  'without spaces around, in small letters, if it is there': ({ tag }) => ({
    size: 1,
    ...(tag !== undefined && { tag: lower(tag.trim()) }),
  }),
  'in small letters, encoded': ({ image }) => ({ data: Buffer.from(lower(image)).toString('base64') }),
  'in capitals in each item of a list': ({ ports = [] }) =>
    ports.map(({ name, port }) => ({ name: upper(name), port })),
  'a question for each item': ({ ports = [] }) => ports.map(({ name, port }) => ({ port, ...(name && { name }) })),
  'the values of a map in capitals': ({ labels = {} }) =>
    Object.fromEntries(Object.entries(labels).map(([key, value]) => [`x/${key}`, upper(value)])),
  'an item if a text is not empty': ({ tag, image }) => [image, ...(tag ? [`--tag=${tag}`] : []), '--end'],
  'an item if a text is there': ({ tag, image }) => [image, ...(tag === undefined ? [] : [`--tag=${tag}`]), '--end'],
  'a text of items': ({ ports = [] }) => ({ all: ports.map(({ name, port }) => `${name}=${port}`).join(';') }),
};

function lower(text: string): string {
  return [...text].map((sign) => sign.toLowerCase()).join('');
}

/** As Go has it: each sign for itself. */
function upper(text: string): string {
  return [...text].map((sign) => (sign === 'ß' ? sign : sign.toUpperCase())).join('');
}

function cut(text: string, length: number): string {
  return Buffer.from(text).subarray(0, length).toString();
}

const SAMPLES = 80;
const HELD_OUT = 300;

describe('a template is found from examples, and gives what was not among them', () => {
  for (const [name, make] of Object.entries(FUNCTIONS)) {
    test(name, () => {
      const random = seededRandom(7);
      const samples = Array.from({ length: SAMPLES + HELD_OUT }, () => sampleOf(random, make));
      const template = fit(samples.slice(0, SAMPLES));
      assert.ok(template, 'there is one');
      const wrong = samples
        .slice(SAMPLES)
        .filter(({ scope, out }) => !isLike(normalized(evaluate(template, scope) ?? null), out));
      assert.equal(wrong.length, 0, `${JSON.stringify(template, asPlain)}\nnot for ${JSON.stringify(wrong[0])}`);
    });
  }

  for (const [name, make] of Object.entries({ ...FUNCTIONS, ...WIDE })) {
    test(`${name}, of all kinds of values`, () => {
      const random = seededRandom(11);
      const telling = Array.from({ length: SAMPLES }, () => sampleOf(random, make));
      const turns = new Turns(2 * SAMPLES, 'examples');
      const trials = new Turns(HELD_OUT, 'trials');
      const others = Array.from({ length: 2 * SAMPLES }, () =>
        sampleOf(random, make, wideSpec(random, SCHEMA, {}, turns).spec),
      );
      const held = Array.from({ length: HELD_OUT }, () =>
        sampleOf(random, make, wideSpec(random, SCHEMA, {}, trials).spec),
      );
      const fitting = newFitting();
      const first = fitting.fit(telling);
      assert.ok(first, 'there is one of plain values');
      const template = refine(first, [...telling, ...others], fitting);
      assert.ok(template, `there is one: ${JSON.stringify(first, asPlain)}`);
      const wrong = held.filter(({ scope, out }) => !isLike(normalized(evaluate(template, scope) ?? null), out));
      assert.equal(wrong.length, 0, `${JSON.stringify(template, asPlain)}\nnot for ${JSON.stringify(wrong[0])}`);
    });
  }

  test('what is no function of the values is not found', () => {
    const random = seededRandom(7);
    const samples = Array.from({ length: SAMPLES }, () => sampleOf(random, () => String(random())));
    assert.equal(fit(samples), undefined);
  });
});

function sampleOf(
  random: () => number,
  make: (spec: Spec, name: string) => unknown,
  spec: JsonObject = randomSpec(random, SCHEMA, {}),
) {
  const Release = {
    Name: `release-${Math.floor(random() * 1e9)}`,
    Namespace: `namespace-${Math.floor(random() * 1e9)}`,
  };
  const scope: Scope = { Values: spec, Release, items: [] };
  return { scope, out: normalized(make(spec as unknown as Spec, Release.Name) as JsonValue) };
}

function isLike(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}

function sortedKeys(_: string, value: unknown): unknown {
  if (!isJsonObject(value as JsonValue)) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asPlain(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
