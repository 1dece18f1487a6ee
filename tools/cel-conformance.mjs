// Tells which cases of cel-spec kube-apiserver's CEL passes, and writes those that it does not into
// src/cel/testdata/conformance-excluded.json, by the reason.
//
//   node tools/cel-conformance.mjs
//
// Cases with messages of protobuf in their types or values, and with functions or a container of their own, cannot be
// told to it, and are therefore not passed. The other side is tools/cel-oracle (see tools/cel-diff.mjs).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { startCelOracle } from './cel/oracle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const oracle = startCelOracle();

/** Something that only messages of protobuf have. */
class NoForm extends Error {}

const PRIMITIVES = { BOOL: 'bool', INT64: 'int', UINT64: 'uint', DOUBLE: 'double', STRING: 'string', BYTES: 'bytes' };
const WELL_KNOWN = { DURATION: 'google.protobuf.Duration', TIMESTAMP: 'google.protobuf.Timestamp' };

function typeText(proto) {
  const [[kind, value]] = Object.entries(proto);
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[value];
    case 'wrapper':
      return `wrapper(${PRIMITIVES[value]})`;
    case 'listType':
      return `list(${typeText(value.elemType)})`;
    case 'mapType':
      return `map(${typeText(value.keyType)}, ${typeText(value.valueType)})`;
    case 'type':
      return `type(${typeText(value)})`;
    case 'null':
      return 'null_type';
    case 'dyn':
      return 'dyn';
    case 'abstractType':
      if (value.name !== 'optional_type') throw new NoForm(`type ${value.name}`);
      return `optional_type(${typeText(value.parameterTypes[0])})`;
    case 'wellKnown':
      if (WELL_KNOWN[value] === undefined) throw new NoForm(`type ${value}`);
      return WELL_KNOWN[value];
    case 'messageType':
      if (!Object.values(WELL_KNOWN).includes(value)) throw new NoForm(`message ${value}`);
      return value;
    default:
      throw new NoForm(`type ${kind}`);
  }
}

const bits = new DataView(new ArrayBuffer(8));

function double(value) {
  const number = Number(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? 'Inf' : '-Inf';
  bits.setFloat64(0, number);
  return bits.getBigUint64(0).toString(16);
}

const byText = ([a], [b]) => {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : Number(x > y);
};

/** A value as cel-oracle has it. */
function valueJson(proto) {
  const [[kind, value]] = Object.entries(proto);
  switch (kind) {
    case 'int64Value':
      return { int: value };
    case 'uint64Value':
      return { uint: value };
    case 'doubleValue':
      return { double: double(value) };
    case 'bytesValue':
      return { bytes: value };
    case 'nullValue':
      return null;
    case 'typeValue':
      return { type: value };
    case 'listValue':
      return (value.values ?? []).map(valueJson);
    case 'mapValue':
      return { map: (value.entries ?? []).map((e) => [valueJson(e.key), valueJson(e.value)]).sort(byText) };
    case 'stringValue':
    case 'boolValue':
      return value;
    case 'objectValue':
      return objectJson(value);
    default:
      throw new NoForm(kind);
  }
}

function objectJson(value) {
  const type = value['@type'].replace(/.*\//, '');
  if (type === 'google.protobuf.Timestamp') return { timestamp: value.value.replace(/\.(\d*?)0+Z$/, '.$1Z') };
  if (type !== 'google.protobuf.Duration') throw new NoForm(`message ${type}`);
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(value.value);
  return { duration: String(BigInt(`${sign}1`) * (BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, '0')))) };
}

function* casesOf(suite, path) {
  for (const [i, { original }] of (suite.tests ?? []).entries()) {
    const twice = suite.tests.filter((other) => other.original.name === original.name).length > 1;
    yield [`${path}${original.name}${twice ? `#${i}` : ''}`, original];
  }
  for (const inner of suite.suites ?? []) yield* casesOf(inner, `${path}${inner.name}/`);
}

function requestOf({ expr, typeEnv = [], bindings = {} }) {
  const variables = {};
  for (const { name, ident, function: declared } of typeEnv) {
    if (declared) throw new NoForm('function');
    variables[name] = { type: typeText(ident.type) };
  }
  for (const [name, { value }] of Object.entries(bindings)) {
    (variables[name] ??= { type: 'dyn' }).value = valueJson(value);
  }
  return { expression: expr, variables };
}

/** Why it does not pass a case; undefined when it does. */
async function failureOf(test) {
  let request;
  let wanted;
  try {
    const result = test.value ?? test.typedResult?.result;
    request = requestOf(test);
    wanted = result === undefined ? true : valueJson(result);
  } catch (error) {
    if (!(error instanceof NoForm)) throw error;
    if (error.message === 'function') return 'the case declares functions';
    return 'messages of protobuf, their enums, wrappers and extensions: Kubernetes has none';
  }
  const [answer] = await oracle.ask([JSON.stringify(request)]);
  if (test.evalError)
    return answer.value === undefined ? undefined : 'Kubernetes gives a value, where an error is expected';
  const error = answer.compileError ?? answer.planError ?? answer.error;
  if (test.checkOnly && answer.compileError === undefined) {
    if (answer.outputType === typeText(test.typedResult.deducedType)) return undefined;
    return `Kubernetes tells another type`;
  }
  if (error !== undefined) return reasonOf(error, test);
  return isDeepStrictEqual(answer.value, wanted) ? undefined : 'Kubernetes gives another value';
}

/** What an error comes of. */
function reasonOf(error, { disableCheck, container }) {
  const name = /undeclared reference to '([\w.]+)'/.exec(error)?.[1];
  if (name?.startsWith('math')) return 'the math extension is not included';
  if (name?.startsWith('base64')) return 'encoders are not included';
  if (name === 'cel' || /^cel\.|@block|cel\.(block|index|iterVar|accuVar)/.test(name ?? ''))
    return 'cel.block and cel.bind are not included';
  if (name !== undefined && container)
    return 'messages of protobuf, their enums, wrappers and extensions: Kubernetes has none';
  if (/^\.?(TestAllTypes|NestedTestAllTypes|GlobalEnum|google|cel\.expr|proto)/.test(name ?? ''))
    return 'messages of protobuf, their enums, wrappers and extensions: Kubernetes has none';
  if (error.includes("unsupported syntax: '`'")) return 'fields in backquotes are not included';
  if (/expected type '.*' but found/.test(error)) return 'lists and maps of mixed types are refused';
  if (disableCheck) return 'expressions are always checked';
  const what = /ERROR: <input>:\d+:\d+: (.*)/.exec(error)?.[1] ?? error;
  return `Kubernetes refuses it: ${what.replace(/ \(in container ''\)/, '')}`;
}

try {
  const excluded = {};
  for (const [id, test] of casesOf(tests, '')) {
    const why = await failureOf(test);
    if (why !== undefined) (excluded[why] ??= []).push(id);
  }
  writeFileSync(
    join(root, 'src/cel/testdata/conformance-excluded.json'),
    `${JSON.stringify(Object.fromEntries(Object.entries(excluded).sort(([, a], [, b]) => b.length - a.length)), undefined, 2)}\n`,
  );
  for (const [why, ids] of Object.entries(excluded)) console.log(`${ids.length} ${why}`);
  console.log(`${Object.values(excluded).flat().length} excluded`);
} finally {
  oracle.stop();
}
