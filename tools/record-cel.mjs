// Records what a kube-apiserver makes of the expressions in src/cel/testdata/expressions/*.json, into those files.
//
//   node tools/record-cel.mjs --url https://127.0.0.1:6443 --token TOKEN [FILE…]
//
// A case is {"expression": "…"}; what is recorded beside it is one of
//   compile: the text of the compiler's error
//   estimate: the refusal for its cost, where rules that tell its value would cost too much
//   error: the text of the error when it was evaluated
//   type, value: the name of its type, and what "%s".format([VALUE]) gives, where that works and is one line
// The expressions become x-kubernetes-validations of custom resources whose schema and value are testdata/self.json: a
// first definition tells which do not compile, a second has two rules for each of the others, which never hold, and
// tell type and value in their messages. A hundred expressions share a definition.
//
// The estimates in testdata/costs.json are told by definitions that exceed their budget.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { call as callServer } from '../suites/call.mjs';

const testdata = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/cel/testdata');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, token: { type: 'string' } },
});
const CHUNK = 100;
const COST_CHUNK = 40;
const NOT_BOOL = 'cel expression must evaluate to a bool';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
// The value has an integer that a JavaScript number cannot hold, so it stays text.
const selfText = readFileSync(join(testdata, 'self.json'), 'utf8');
const selfSchema = JSON.parse(selfText).schema;
const selfValue = selfText.slice(selfText.lastIndexOf('"value": {') + '"value": '.length).replace(/\}\s*$/, '');
let made = 0;

/** Sends a request; gives {code, body}. */
async function call(method, path, body) {
  const answer = await callServer(options, method, path, body);
  // An unknown path is answered in plain text.
  return { code: answer.code, body: answer.body ?? {} };
}

/** A definition whose objects have the rules at `self`. */
function definition(rules) {
  const plural = `expressions${made++}`;
  const group = `cel-${process.pid}.nekube.dev`;
  const self = { ...selfSchema, 'x-kubernetes-validations': rules };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural, singular: plural, kind: `Expression${made}`, listKind: `Expression${made}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { self } } },
        },
      ],
    },
  };
}

/** Why rules are refused, by their index. */
async function refusals(rules) {
  const { body } = await call('POST', `${DEFINITIONS}?dryRun=All`, definition(rules));
  const errors = new Map();
  for (const { field, message } of body.details?.causes ?? []) {
    const index = Number(/x-kubernetes-validations\[(\d+)\]\.\w+$/.exec(field)?.[1] ?? -1);
    const text = message.replace(
      /^Invalid value: \{.*?\}: (?=compilation failed|program instantiation)|^Forbidden: /s,
      '',
    );
    if (!errors.has(index) && !message.includes(NOT_BOOL)) errors.set(index, text);
  }
  return errors;
}

/** What the compiler says of those that it refuses. */
async function compile(cases) {
  const refused = await refusals(cases.map(({ expression }) => ({ rule: expression, message: 'refused' })));
  for (const [i, text] of refused) {
    if (text.startsWith('compilation failed: ')) cases[i].compile = text.slice('compilation failed: '.length);
  }
  const compiled = cases.filter((c) => c.compile === undefined);
  for (const [i, text] of await refusals(compiled.flatMap(({ expression }) => probes(expression)))) {
    if (i >= 0) compiled[Math.floor(i / 2)][text.startsWith('estimated') ? 'estimate' : 'compile'] ??= text;
  }
}

/** Two rules of an expression: one tells the type or the error, one the value. */
function probes(expression) {
  // A rule of several lines needs a message, although the expression of one comes first.
  const message = expression.includes('\n') ? 'neither' : undefined;
  return [
    {
      message,
      rule: `type(dyn(${expression})) == int ? false : false`,
      messageExpression: `"T%s".format([type(${expression})])`,
    },
    {
      message,
      rule: `size("%s".format([dyn(${expression})])) < 0`,
      messageExpression: `"V<%s>".format([dyn(${expression})])`,
    },
  ];
}

/** What the expressions are when they are evaluated, in order. */
async function evaluate(expressions) {
  const crd = definition(expressions.flatMap(probes));
  const { spec, metadata } = crd;
  const path = `${DEFINITIONS}/${metadata.name}`;
  const created = await call('POST', DEFINITIONS, crd);
  if (created.code !== 201)
    throw new Error(`the definition was refused: ${JSON.stringify(created.body.details ?? created.body)}`);
  try {
    return readMessages(expressions, await createObject(path, spec));
  } finally {
    await call('DELETE', path);
  }
}

async function createObject(path, spec) {
  const collection = `/apis/${spec.group}/v1/${spec.names.plural}`;
  const object = `{"apiVersion":"${spec.group}/v1","kind":"${spec.names.kind}","metadata":{"name":"a"},"self":${selfValue}}`;
  for (;;) {
    const { code, body } = await call('POST', collection, object);
    if (code !== 404) return body;
    await delay(100);
  }
}

/** The causes come in the order of the rules, each twice or with its own text in it. */
function readMessages(expressions, body) {
  if (!body.details?.causes) throw new Error(`no causes: ${JSON.stringify(body)}`);
  const causes = body.details.causes.map((cause) => cause.message);
  if (causes.length !== 2 * expressions.length)
    throw new Error(`${causes.length} causes: ${causes.slice(-3).join('\n')}`);
  return expressions.map((expression, i) => {
    const [first, second] = [strip(causes[2 * i]), strip(causes[2 * i + 1])];
    if (!first.startsWith('T')) return { error: errorText(first, probes(expression)[0].rule) };
    return { type: first.slice(1), ...(second.startsWith('V<') && { value: second.slice(2, -1) }) };
  });
}

/** An object is not shown, but named where the evaluation failed. */
function strip(message) {
  return message.replace(/^Invalid value: ("object": )?/, '');
}

/** `ERROR evaluating rule: RULE`, or for missing overloads `'ERROR': … for rule: RULE`. */
function errorText(message, rule) {
  const found = /^'(no such overload.*)': call arguments did not match|^(.*) evaluating rule: /s.exec(message);
  if (!found || !['neither', rule].some((end) => message.endsWith(end)))
    throw new Error(`neither type nor error: ${message} of ${rule}`);
  return found[1] ?? found[2];
}

async function record(file) {
  const cases = JSON.parse(readFileSync(file, 'utf8')).map(({ expression }) => ({ expression }));
  for (let start = 0; start < cases.length; start += CHUNK) {
    const chunk = cases.slice(start, start + CHUNK);
    await compile(chunk);
    const able = chunk.filter((c) => c.compile === undefined && c.estimate === undefined);
    const results = able.length > 0 ? await evaluate(able.map((c) => c.expression)) : [];
    for (const [i, result] of results.entries()) Object.assign(able[i], result);
  }
  // The type of the value has another number at each definition.
  const line = (c) => `  ${JSON.stringify(c).replace(/selfType\d+/g, 'selfType')}`;
  writeFileSync(file, `[\n${cases.map(line).join(',\n')}\n]\n`);
  console.log(`${file}: ${cases.length} expressions`);
}

/** Why rules of elements are refused for their cost, where lists of so many elements are allowed. */
async function costFactors(rules) {
  const crd = definition([]);
  const lists = rules.map(({ expression, items }) => ({
    type: 'array',
    maxItems: items,
    items: { ...selfSchema, 'x-kubernetes-validations': [{ rule: expression }] },
  }));
  const root = crd.spec.versions[0].schema.openAPIV3Schema;
  root.properties = Object.fromEntries(lists.map((list, i) => [`list${i}`, list]));
  const { body } = await call('POST', `${DEFINITIONS}?dryRun=All`, crd);
  const factors = new Map();
  for (const { field, message } of body.details?.causes ?? []) {
    const index = /properties\[list(\d+)\]/.exec(field)?.[1];
    const factor = /exceeds budget by factor of (.*x) \(/.exec(message)?.[1];
    if (index !== undefined && factor === undefined && !message.includes('contributed to')) throw new Error(message);
    if (index !== undefined && factor !== undefined) factors.set(Number(index), factor);
  }
  return factors;
}

/**
 * The estimate of each expression, in testdata/costs.json: how often it is done in a list of `items` elements, and by
 * which factor that exceeds the budget. Between 1 and 1.5 the factor has six decimals, so so many elements are looked for.
 */
async function recordCosts(file) {
  const cases = JSON.parse(readFileSync(file, 'utf8')).map(({ expression }) => ({ expression }));
  const powers = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  for (let start = 0; start < cases.length; start += COST_CHUNK) {
    const chunk = cases.slice(start, start + COST_CHUNK);
    const rough = await costFactors(chunk.flatMap((c) => powers.map((power) => ({ ...c, items: 10 ** power }))));
    for (const [i, c] of chunk.entries()) {
      const found = powers.filter((power) => rough.get(i * powers.length + power)?.startsWith('more') === false);
      const power = found.at(-1);
      const factor = power === undefined ? 1.2 : Number.parseFloat(rough.get(i * powers.length + power));
      c.items = Math.max(1, Math.round((10 ** (power ?? 0) * 1.2) / factor));
    }
    const exact = await costFactors(chunk);
    for (const [i, c] of chunk.entries()) c.factor = exact.get(i);
  }
  writeFileSync(file, `[\n${cases.map((c) => `  ${JSON.stringify(c)}`).join(',\n')}\n]\n`);
  console.log(`${file}: ${cases.length} costs`);
}

const all = () => readdirSync(join(testdata, 'expressions')).map((name) => join(testdata, 'expressions', name));
for (const file of positionals.length > 0 ? positionals : [...all(), join(testdata, 'costs.json')]) {
  await (file.endsWith('costs.json') ? recordCosts(file) : record(file));
}
