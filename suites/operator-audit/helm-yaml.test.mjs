// Templates at random are written as a chart: what Helm renders must be what they give when they are evaluated.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { jsonEqual, parseYaml, seededRandom } from 'nekube/apimachinery';
import { chartFiles } from 'nekube/audit';
import { normalized } from '../../dist/audit/chart/normalized.js';
import { evaluate } from '../../dist/audit/chart/template.js';
import { kubernetesClients } from '../../tools/kubectl.mjs';

const SEED = Number(process.env.NEKUBE_SEED ?? 1);
/** All are in one chart, which is rendered once for each of the values. */
const TEMPLATES = 250;
const VALUES = [
  {},
  {
    colour: 'red',
    debug: true,
    n: 5,
    num: 7,
    storage: { size: '1Gi' },
    ports: ['a', 'b', 'c', 'd'].map((name, i) => ({ name, port: i + 1 })),
    labels: { x: '1', y: 'true', Z: '' },
  },
  { colour: '', debug: false, n: 0, num: 0, storage: {}, ports: [], labels: {} },
  { colour: '5', n: -3, num: -12, ports: [{ name: '', port: 0 }], labels: { 'a.b/c': 'ü"\n' } },
  { colour: ' {{ "x" }} ', n: 9, ports: [{ name: 'true' }, { name: 'true', port: 7 }], storage: { size: 'null' } },
];
const { helm, skip } = kubernetesClients();
const at = (...path) => path;
const copy = (path) => ({ form: 'copy', path, maybe: true });
const constant = (value) => ({ form: 'constant', value });
const object = (members) => ({ form: 'object', members: new Map(Object.entries(members)), loops: [], omit: false });
const given = (question, met, otherwise = { form: 'absent' }) => ({ form: 'if', question, met, otherwise });

describe('Helm renders what templates give', { skip: skip ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-templates-'));
  after(() => rmSync(dir, { recursive: true }));
  const debug = { is: 'truthy', path: at('Values', 'debug') };
  const ports = { form: 'range', path: at('Values', 'ports'), over: 'list', flat: false };
  const cases = {
    'a list that is an item has its items for itself': {
      form: 'list',
      items: [constant([1, 'a']), { form: 'list', items: [given(debug, constant('x')), constant('y')] }],
    },
    'an item is left out, and not null, where its value is not there': {
      form: 'list',
      items: [copy(at('Values', 'colour')), copy(at('Values', 'n')), constant('last')],
    },
    'an object without members is not null': object({ list: { ...ports, item: copy(at('item0', 'name')) } }),
    'what is counted from nothing is not there': object({
      more: { form: 'affine', path: at('Values', 'num'), factor: 2, add: 1, maybe: true },
      upper: { form: 'apply', function: 'upper', of: copy(at('Values', 'colour')) },
    }),
    'the JSON of an object is hashed': {
      form: 'apply',
      function: 'sha256sum',
      of: {
        form: 'apply',
        function: 'toJson',
        of: object({
          b: copy(at('Values', 'colour')),
          a: { form: 'text', parts: ['<', copy(at('Values', 'n'))] },
          c: given(debug, constant('{{ x }}')),
        }),
      },
    },
    'a list without items is in the JSON of an object as it is in the object': {
      form: 'apply',
      function: 'sha256sum',
      of: {
        form: 'apply',
        function: 'toJson',
        of: object({
          list: { ...ports, item: copy(at('item0', 'name')) },
          deep: object({ list: { ...ports, item: copy(at('item0', 'name')) } }),
        }),
      },
    },
    'what is not there is not greater than a negative number': object({
      more: given({ is: 'greater', path: at('Values', 'n'), than: -5 }, constant(1), constant(2)),
    }),
  };

  test('each of those that were once rendered otherwise', () => {
    const all = Object.values(cases).map((of) => object({ of }));
    assert.deepEqual(rendered(join(dir, 'known'), all), []);
  });

  test(`and ${TEMPLATES} at random (NEKUBE_SEED=${SEED})`, () => {
    const random = seededRandom(SEED);
    const all = Array.from({ length: TEMPLATES }, () => ({ ...randomObject(random, [], 3), omit: false }));
    assert.deepEqual(rendered(join(dir, 'random'), all), []);
  });
});

/** Those for which Helm has something else, each for the first values that show it. */
function rendered(chart, templates) {
  const all = templates.map((one, id) => {
    const members = new Map([...one.members, ['kind', constant('X')], ['id', constant(id)]]);
    return { ...one, members };
  });
  const files = new Map(all.map((one, i) => [`t${i}`, one]));
  const sample = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: {} };
  for (const [file, text] of chartFiles({ templates: { files }, madeOnce: [] }, { name: 'x', sample })) {
    mkdirSync(dirname(join(chart, file)), { recursive: true });
    writeFileSync(join(chart, file), text);
  }
  const wrong = new Map();
  for (const values of VALUES) {
    const args = ['template', 'rel', chart, '-f', '-'];
    const text = execFileSync(helm, args, { input: JSON.stringify(values), encoding: 'utf8', maxBuffer: 1 << 28 });
    const documents = text.split(/^---$/m).map((one) => parseYaml(one));
    const found = new Map(documents.filter((one) => one !== null && one !== undefined).map((one) => [one.id, one]));
    for (const [id, template] of all.entries()) {
      const scope = { Values: values, Release: { Name: 'rel', Namespace: 'default' }, items: [] };
      const [expected, actual] = [evaluate(template, scope), found.get(id)].map((one) => normalized(one ?? null));
      if (!wrong.has(id) && !jsonEqual(expected ?? null, actual ?? null))
        wrong.set(id, { values, expected, actual, template: JSON.stringify(template, shown) });
    }
  }
  return [...wrong.values()];
}

function shown(_, value) {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

const SCALARS = [['colour'], ['debug'], ['n'], ['storage', 'size']].map((path) => at('Values', ...path));
const COLLECTIONS = [
  { path: at('Values', 'ports'), over: 'list' },
  { path: at('Values', 'labels'), over: 'map' },
];
const CONSTANTS = ['x', '{{ x }}', '', 1, true, '"q"', 'a: b', 'yes', [], {}, [1, 'a'], { a: { b: 1 } }, { b: [] }];

const FUNCTIONS = [
  ...['b64enc', 'upper', 'lower', 'sha256sum', 'trim'].map((name) => ({ function: name })),
  { function: 'trunc', argument: 3 },
  { function: 'trimSuffix', argument: 'd' },
];

function pick(random, all) {
  return all[Math.floor(random() * all.length)];
}

/** A place of a scalar, also of the items of the loops around. */
function place(random, loops) {
  const items = loops.flatMap((over, i) =>
    (over === 'list' ? ['name', 'port'] : ['key', 'value']).map((name) => at(`item${i}`, name)),
  );
  return pick(random, [...SCALARS, ...items]);
}

function randomQuestion(random, loops, depth = 1) {
  const way = random();
  if (depth > 0 && way < 0.15) return { is: 'not', of: randomQuestion(random, loops, 0) };
  if (depth > 0 && way < 0.3)
    return { is: pick(random, ['all', 'any']), of: [0, 0].map(() => randomQuestion(random, loops, 0)) };
  const path = place(random, loops);
  switch (pick(random, ['truthy', 'set', 'equal', 'greater', 'collection'])) {
    case 'truthy':
      return { is: 'truthy', path };
    case 'set':
      return { is: 'set', path };
    case 'equal':
      return { is: 'equal', path, value: pick(random, ['red', '', 5, true, '5']) };
    case 'greater':
      return { is: 'greater', path: at('Values', 'n'), than: pick(random, [0, 5, -1]) };
    default:
      return { is: pick(random, ['truthy', 'set']), path: pick(random, COLLECTIONS).path };
  }
}

function randomScalar(random, loops, isNested = false) {
  const way = random();
  const one = () => copy(place(random, loops));
  if (way < 0.3) return one();
  if (way < 0.5) return constant(pick(random, CONSTANTS));
  if (way < 0.65) return { form: 'text', parts: ['p%-', one(), pick(random, [':', '\n', '{{']), one()] };
  if (way < 0.72) {
    const [factor, add] = [pick(random, [1, 2, -1]), pick(random, [0, 3, -3])];
    return { form: 'affine', path: at('Values', 'num'), factor, add, maybe: true };
  }
  if (way < 0.85) return { form: 'apply', ...pick(random, FUNCTIONS), of: one() };
  if (way < 0.9 && loops.length < 2) {
    const { path, over } = pick(random, COLLECTIONS);
    const item = { form: 'text', parts: ['t', copy(place(random, [...loops, over]))] };
    return {
      form: 'join',
      separator: pick(random, [',', '\n']),
      list: { form: 'range', path, over, flat: false, item },
    };
  }
  const met = isNested ? one() : randomScalar(random, loops, true);
  return given(randomQuestion(random, loops), met, random() < 0.4 ? { form: 'absent' } : constant('other'));
}

function randomList(random, loops, depth) {
  const way = random();
  if (way < 0.5 || loops.length >= 2) {
    const items = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
      const item = randomNode(random, loops, depth - 1);
      return random() < 0.5 ? given(randomQuestion(random, loops), item) : item;
    });
    return { form: 'list', items };
  }
  if (way > 0.85) return { form: 'concat', lists: [0, 0].map(() => randomList(random, loops, depth)) };
  const { path, over } = pick(random, COLLECTIONS);
  // that a loop comes to nothing though it has items is known only when it has ended
  const item = () => object({ a: constant(1), b: randomNode(random, [...loops, over], depth - 1) });
  const flat = random() < 0.2;
  return { form: 'range', path, over, flat, item: flat ? { form: 'list', items: [item(), item()] } : item() };
}

function randomNode(random, loops, depth) {
  const way = random();
  if (depth <= 0 || way < 0.3) return randomScalar(random, loops);
  if (way < 0.6) return randomObject(random, loops, depth);
  if (way < 0.85) return randomList(random, loops, depth);
  const otherwise = random() < 0.6 ? { form: 'absent' } : randomNode(random, loops, depth - 1);
  return given(randomQuestion(random, loops), randomNode(random, loops, depth - 1), otherwise);
}

function randomObject(random, loops, depth) {
  const members = {};
  for (const name of ['a', 'ports', 'name', 'y'])
    if (random() < 0.5) members[name] = randomNode(random, loops, depth - 1);
  const all = { ...object(members), omit: random() < 0.3 };
  if (random() > 0.15 || loops.length >= 2) return all;
  const { path, over } = pick(random, COLLECTIONS);
  const key = copy(at(`item${loops.length}`, over === 'list' ? 'name' : 'key'));
  const name = { form: 'text', parts: ['k-', key] };
  return { ...all, loops: [{ path, over, name, value: constant('v') }] };
}
