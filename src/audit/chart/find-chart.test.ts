import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { isJsonObject, type JsonObject, type JsonValue, type KubeObject, seededRandom } from 'nekube/apimachinery';
import { mostWrong } from './bound.ts';
import { chartFiles } from './chart-files.ts';
import { coveringSpecs } from './covering.ts';
import { findChart, isNoChart } from './find-chart.ts';
import { randomSpec } from './random-spec.ts';
import type { Example } from './synthesize.ts';
import { goJson } from './template.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    colour: { type: 'string' },
    mode: { type: 'string', enum: ['plain', 'tls'] },
    debug: { type: 'boolean' },
    size: { type: 'integer', maximum: 9 },
  },
} as unknown as JsonObject;

const PORT = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, protocol: { type: 'string', enum: ['TCP', 'UDP'] } },
};
const MAP = { type: 'object', additionalProperties: { type: 'string' } };

/** What an operator could be that makes objects of specs, each time with another name. */
function operator(make: (spec: JsonObject, name: string) => readonly unknown[]) {
  let made = 0;
  return async (specs: readonly JsonObject[]): Promise<readonly Example[]> =>
    specs.map((values) => {
      const name = `probe-${(++made).toString(36)}-q`;
      return { values, name, namespace: 'audit-x', objects: make(values, name) as readonly KubeObject[] };
    });
}

async function find(make: (spec: JsonObject, name: string) => readonly unknown[], heldOut = 50) {
  const sample = { colour: 'red', size: 1 };
  return await findChart({ observe: operator(make), schema: SCHEMA, sample, random: seededRandom(3), heldOut });
}

const configMap = (name: string, data: Record<string, JsonValue>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('a chart is looked for by what an operator writes', () => {
  test('a value of a Secret that differs each time is made once, and kept', async () => {
    const random = seededRandom(9);
    const found = await find((_, name) => {
      const password = Array.from({ length: 16 }, () => 'abcXYZ019'[Math.floor(random() * 9)]).join('');
      const data = { password: Buffer.from(password).toString('base64'), user: 'YWRtaW4=' };
      return [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-login` }, data }];
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
    const made = { secret: '‹name›-login', member: 'data', key: 'password', by: 'randAlphaNum', length: 16 };
    assert.deepEqual(found.madeOnce, [made]);
    const sample = { apiVersion: 'shop.example/v1', kind: 'Shop', metadata: { name: 'shop' } };
    const files = chartFiles(found, { name: 'shop', sample });
    const secret = files.get('templates/secret.yaml') ?? '';
    assert.match(secret, /lookup "v1" "Secret" \$\.Release\.Namespace \(printf "%s-login"/);
    assert.match(
      secret,
      /password: \{\{ get \$kept "password" \| default \(randAlphaNum 16 \| b64enc\) \| toJson \}\}/,
    );
    assert.match(
      files.get('templates/NOTES.txt') ?? '',
      /password of the Secret \{\{ \.Release\.Name \}\}-login is made once/,
    );
  });

  test('the hash of what another object has is found, as of its JSON or of one of its texts, also cut', async () => {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const found = await find(({ colour = 'none', size = 1 }, name) => {
      const data = { colour, 'app.conf': `size=${size}\ncolour=${String(colour).trim()}\n` };
      const { colour: first, ...rest } = data;
      const json = JSON.stringify({ ...rest, colour: first });
      const annotations = { 'checksum/config': sha256(json), 'checksum/file': sha256(data['app.conf']).slice(0, 12) };
      return [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, annotations } }, configMap(name, data)];
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
    const sample = { apiVersion: 'shop.example/v1', kind: 'Shop', metadata: { name: 'shop' } };
    const text = chartFiles(found, { name: 'shop', sample }).get('templates/deployment.yaml') ?? '';
    assert.match(
      text,
      /checksum\/config: \{\{ \(\(include "(made-[0-9a-f]+)" \$ \| fromYaml \| toRawJson\) \| sha256sum\) \| toJson \}\}/,
    );
    assert.match(text, /checksum\/file: \{\{ .* \| sha256sum\) \| trunc 12\) \| toJson \}\}/);
  });

  test('a word of the sample that is part of what is always so is not taken for what came of it', async () => {
    // `mode` is in `defaultMode`, and each Deployment has it
    const sample = { config: { mode: 'fast', name: 'shop' } };
    const found = await findChart({
      observe: operator(({ config = {} }, name) => {
        const volume = { name: 'conf', configMap: { name: `${name}-conf`, defaultMode: 420 } };
        const deployment = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name },
          spec: { volumes: [volume] },
        };
        return [configMap(`${name}-conf`, config as Record<string, JsonValue>), deployment];
      }),
      schema: { type: 'object', properties: { config: MAP } },
      sample,
      random: seededRandom(3),
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
  });

  test('a word of the sample that also stands elsewhere names the member that is made of its item', async () => {
    const found = await findChart({
      observe: operator(({ config = {} }, name) => [
        configMap(name, { app: 'shop', ...(config as Record<string, JsonValue>) }),
      ]),
      schema: { type: 'object', properties: { config: MAP } },
      sample: { config: { shop: 'open', ConfigMap: 'none' } },
      random: seededRandom(3),
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
  });

  test('an item that is always there is none of a list, whichever of its words that has', async () => {
    const found = await findChart({
      observe: operator(({ ports = [], config = {} }, name) => {
        const fixed = { name: 'health', path: `/${name}/http` };
        const paths = Object.entries(config as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
        const all = [fixed, ...(ports as JsonObject[]), ...paths.map(([key, path]) => ({ name: key, path }))];
        return [{ ...configMap(name, {}), all }];
      }),
      schema: { type: 'object', properties: { ports: { type: 'array', items: PORT }, config: MAP } },
      sample: { ports: [{ name: 'http', protocol: 'TCP' }] },
      random: seededRandom(3),
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
  });

  test('a list within an object of each item is found, also where it has no items, and a list of such is a copy', async () => {
    const path = { type: 'object', properties: { path: { type: 'string' } } };
    const host = { type: 'object', properties: { host: { type: 'string' }, paths: { type: 'array', items: path } } };
    const found = await findChart({
      observe: operator(({ hosts = [], tls }, name) => {
        const rules = (hosts as { readonly host?: string; readonly paths?: readonly JsonObject[] }[]).map((one) => ({
          host: one.host ?? 'any',
          http: { paths: (one.paths ?? []).map(({ path: of = '/' }) => ({ path: of, service: name })) },
        }));
        return [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name }, spec: { rules, tls } }];
      }),
      schema: {
        type: 'object',
        properties: { hosts: { type: 'array', items: host }, tls: { type: 'array', items: host } },
      },
      sample: { hosts: [{ host: 'shop.example', paths: [{ path: '/' }] }], tls: [] },
      random: seededRandom(3),
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
  });

  test('the hash of a map of the values is found, also cut', async () => {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const found = await findChart({
      observe: operator(({ config = {}, colour = '' }, name) => {
        const annotations = { config: sha256(goJson(config)).slice(0, 16), colour: sha256(String(colour)).slice(0, 8) };
        return [{ apiVersion: 'v1', kind: 'Service', metadata: { name, annotations } }];
      }),
      schema: { type: 'object', properties: { config: MAP, colour: { type: 'string' } } },
      sample: { config: { name: 'shop' } },
      random: seededRandom(3),
    });
    assert.ok(!isNoChart(found), JSON.stringify(found));
  });

  test('what no form explains is refused, with a place and the values that show it', async () => {
    const hash = (text: string): string => createHash('md5').update(text).digest('hex');
    const found = await find(({ colour, size }, name) => [
      configMap(name, { size: String(size ?? 1), hash: hash(`${colour}/${size}`) }),
    ]);
    assert.ok(isNoChart(found));
    assert.equal(found.place, 'configmap');
    assert.match(found.why, /^\/data\/hash is no function of the values/);
    const { values = {}, place, expected } = found.counterexample ?? {};
    assert.equal(place, 'configmap/data/hash');
    assert.equal(expected, hash(`${values.colour}/${values.size}`));
  });

  test('what is a copy for plain values alone is refused, with values that show it', async () => {
    const cleaned = (text: string): string => text.replace(/[^a-z0-9]+/g, '-');
    const found = await find(({ colour = 'none' }, name) => [configMap(name, { colour: cleaned(String(colour)) })]);
    assert.ok(isNoChart(found));
    assert.match(
      found.why,
      /^\/data\/colour is no function of the values that is known here, though it is one of plain/,
    );
    const { values = {}, expected, got } = found.counterexample ?? {};
    assert.equal(expected, cleaned(String(values.colour)));
    assert.notEqual(got, expected);
  });

  test('texts in which a sign is replaced are not taken for copies, at no place', async () => {
    const keys = ['colour', 'shape', 'taste', 'origin'];
    const properties = Object.fromEntries(keys.map((key) => [key, { type: 'string' }]));
    const schema = { type: 'object', properties: { ...properties, label: { type: 'object', properties } } };
    for (const [i, sign] of ['.', '-', '_', '/', ' ', '.'].entries())
      for (const at of [keys[i % keys.length]!, 'origin']) {
        const change = (key: string, text: JsonValue): JsonValue =>
          key === at ? String(text).replaceAll(sign, '+') : text;
        const changed = (of: JsonObject): Record<string, JsonValue> =>
          Object.fromEntries(keys.flatMap((key) => (of[key] === undefined ? [] : [[key, change(key, of[key])]])));
        const make = operator(({ label, ...spec }, name) => [
          {
            ...configMap(name, spec as Record<string, JsonValue>),
            metadata: { name, annotations: changed(isJsonObject(label) ? label : {}) },
          },
        ]);
        const found = await findChart({ observe: make, schema, sample: {}, random: seededRandom(7), heldOut: 300 });
        assert.ok(isNoChart(found), `${sign} at ${at}`);
        const { values = {}, place, expected } = found.counterexample ?? {};
        assert.equal(place, `configmap/metadata/annotations/${at}`);
        const { label } = values;
        assert.equal(expected, change(at, (label as JsonObject)[at]!));
      }
  });

  test('nothing is written for some odd values, as of an operator that fails at them: these are set aside, and told', async () => {
    const found = await find(
      ({ colour = '', size }, name) =>
        /['"`\\{}\n]/.test(String(colour)) ? [] : [configMap(name, { colour, size: String(size ?? 1) })],
      300,
    );
    assert.ok(!isNoChart(found), JSON.stringify(found));
    const { tried, silent } = found.heldOut;
    assert.deepEqual(
      [tried, silent.length > 0, silent.every(({ colour }) => /['"`\\{}\n]/.test(String(colour)))],
      [300, true, true],
    );
    assert.deepEqual(found.untried, []);
  });

  test('nothing is written for a value that a question can ask for: that is the chart’s too', async () => {
    const found = await find(({ colour }, name) =>
      colour === '' ? [] : [configMap(name, { colour: colour ?? 'none' })],
    );
    assert.ok(!isNoChart(found), JSON.stringify(found));
    assert.deepEqual(found.heldOut.silent, []);
  });

  test('kinds of values that the server takes nowhere are untried', async () => {
    const make = operator(({ colour }, name) => [configMap(name, { colour: colour ?? 'none' })]);
    const isTaken = ({ colour = '' }: JsonObject): boolean => /^[ -~]*$/.test(String(colour));
    const observe = async (specs: readonly JsonObject[]) => {
      const examples = await make(specs);
      return examples.map((one) => (isTaken(one.values) ? one : undefined));
    };
    const found = await findChart({ observe, schema: SCHEMA, sample: {}, random: seededRandom(5), heldOut: 400 });
    assert.ok(!isNoChart(found), JSON.stringify(found));
    assert.deepEqual(found.untried, [
      { place: '/colour', kind: 'lines' },
      { place: '/colour', kind: 'unicode' },
    ]);
    assert.ok(found.heldOut.refused > 0);
  });

  test('kinds of values that no resource had are untried, and with enough resources there are none', async () => {
    const observe = operator((_, name) => [configMap(name, {})]);
    const pattern = '^[a-z.]*$';
    const properties = { colour: { type: 'string', pattern }, mode: { type: 'string', enum: ['plain'] } };
    const schema = { type: 'object', properties } as unknown as JsonObject;
    const found = async (heldOut: number) =>
      await findChart({ observe, schema, sample: {}, random: seededRandom(5), examples: 2, heldOut });
    const [few, many] = [await found(1), await found(300)];
    assert.ok(!isNoChart(few) && !isNoChart(many));
    const isUntried = (kind: string): boolean => few.untried.some((at) => at.place === '/colour' && at.kind === kind);
    assert.deepEqual([isUntried('dots'), isUntried('quotes'), many.untried], [true, false, []]);
  });

  test('the time is over: what was tried by then is all', async () => {
    let asked = 0;
    const observe = operator(({ colour }, name) => [configMap(name, { colour: colour ?? 'none' })]);
    const search = { observe, schema: SCHEMA, sample: {}, random: seededRandom(1), examples: 20, heldOut: 500 };
    const found = await findChart({ ...search, isOver: () => ++asked > 8 });
    assert.ok(!isNoChart(found), JSON.stringify(found));
    assert.equal(found.heldOut.tried, 60);
  });
});

test('texts of a sample are other ones in examples, of the same shape', () => {
  const cases: readonly (readonly [sample: string, shape: RegExp])[] = [
    ['LOG_LEVEL', /^[A-Z]{3}_[A-Z]{5}$/],
    ['/', /^\/[a-z]+$/],
    ['/srv/data', /^\/srv\/[a-z]{4}$/],
    ['1Gi', /^[1-9]Gi$/],
    ['nginx:1.29', /^[a-z]{5}:[1-9]\.[1-9]{2}$/],
    ['https://shop.example', /^https:\/\/[a-z]{4}\.[a-z]{7}$/],
    ['shop', /^[a-z]{8}$/],
  ];
  const random = seededRandom(1);
  for (const [text, shape] of cases) {
    const schema = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } };
    const drawn = Array.from({ length: 20 }, () => String(randomSpec(random, schema, { text }).text));
    for (const one of drawn) assert.match(one, shape);
    assert.ok(new Set(drawn).size > 4, `${text} has others`);
  }
});

test('each two choices are made in each way together', () => {
  const specs = coveringSpecs(seededRandom(1), SCHEMA, {}, 50);
  const modes = ['plain', 'tls', undefined];
  for (const mode of modes)
    for (const debug of [true, false, undefined])
      assert.ok(
        specs.some((spec) => spec.mode === mode && spec.debug === debug),
        `${mode} and ${debug} are together in one of ${specs.length}`,
      );
  assert.ok(specs.length < 20, String(specs.length));
});

test('how much may be wrong is bounded as binomial tables have it', () => {
  const cases: readonly (readonly [failures: number, n: number, percent: string])[] = [
    [0, 300, '0.99'],
    [0, 60, '4.87'],
    [3, 300, '2.56'],
    [10, 20, '69.80'],
    [5, 5, '100.00'],
  ];
  for (const [failures, n, percent] of cases) assert.equal((100 * mostWrong(failures, n)).toFixed(2), percent);
});
