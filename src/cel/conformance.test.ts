import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import {
  ArrayList,
  baseEnvironment,
  BOOL,
  BYTES,
  CelError,
  type CelType,
  type CelValue,
  DOUBLE,
  DURATION,
  DYN,
  EntryMap,
  INT,
  ListValue,
  listType,
  MapValue,
  mapType,
  NULL,
  nullableType,
  objectType,
  opaqueType,
  STRING,
  TIMESTAMP,
  TypeValue,
  typeType,
  Uint,
  UINT,
} from './index.ts';
import { equalValues } from './equality.ts';
import { parseTimestamp, readDuration } from './time.ts';

/** A case of cel-spec, as its package has it in JSON. */
interface Case {
  readonly name: string;
  readonly expr: string;
  readonly value?: Proto;
  readonly typedResult?: { readonly result?: Proto; readonly deducedType?: ProtoType };
  readonly evalError?: unknown;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: ProtoType } }[];
  readonly bindings?: Readonly<Record<string, { readonly value?: Proto }>>;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Case }[];
}

type Proto = Readonly<Record<string, unknown>>;
type ProtoType = Readonly<Record<string, unknown>>;

/**
 * What Kubernetes' environment does not have, by the reason: the cases that therefore fail. One that passes must not
 * stand here.
 */
const EXCLUDED = JSON.parse(
  readFileSync(new URL('../../src/cel/testdata/conformance-excluded.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly string[]>>;

function* casesOf(suite: Suite, path: string): Iterable<readonly [string, Case]> {
  for (const [i, { original }] of (suite.tests ?? []).entries()) {
    const twice = suite.tests!.filter((other) => other.original.name === original.name).length > 1;
    yield [`${path}${original.name}${twice ? `#${i}` : ''}`, original];
  }
  for (const inner of suite.suites ?? []) yield* casesOf(inner, `${path}${inner.name}/`);
}

/** @returns why the case fails; undefined when it passes */
function failureOf(test: Case): string | undefined {
  const variables: Record<string, CelType> = {};
  for (const { name, ident } of test.typeEnv ?? []) if (ident) variables[name] = typeOf(ident.type);
  const { expression, issues } = baseEnvironment().extend({ variables }).compile(test.expr);
  if (expression === undefined) return test.evalError ? undefined : issues.toString();
  if (test.checkOnly) return sameTypes(expression.outputType, test.typedResult?.deducedType);
  const program = expression.program();
  if (program instanceof CelError) return test.evalError ? undefined : program.message;
  const { value } = program.evaluate((name) => {
    const bound = test.bindings?.[name]?.value;
    return bound && valueOf(bound);
  });
  if (value instanceof CelError) return test.evalError ? undefined : value.message;
  if (test.evalError) return `no error but ${print(value)}`;
  const expected = test.value ?? test.typedResult?.result;
  const wanted = expected === undefined ? true : valueOf(expected);
  return isSame(value, wanted) ? undefined : `${print(value)} and not ${print(wanted)}`;
}

/** The same value of the same type; NaN is NaN. */
function isSame(value: CelValue, wanted: CelValue): boolean {
  if (typeof value === 'number' && typeof wanted === 'number') return Object.is(value, wanted) || value === wanted;
  if (typeof value !== typeof wanted || value instanceof Uint !== wanted instanceof Uint) return false;
  return equalValues(value, wanted) === true;
}

function sameTypes(type: CelType, wanted: ProtoType | undefined): string | undefined {
  const other = wanted && typeOf(wanted);
  return String(type) === String(other) ? undefined : `type ${type} and not ${other}`;
}

const NUMBERS: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

function valueOf(proto: Proto): CelValue {
  const [[kind, value]] = Object.entries(proto) as [[string, unknown]];
  switch (kind) {
    case 'int64Value':
      return BigInt(value as string);
    case 'uint64Value':
      return new Uint(BigInt(value as string));
    case 'doubleValue':
      return NUMBERS[value as string] ?? Number(value);
    case 'bytesValue':
      return new Uint8Array(Buffer.from(value as string, 'base64'));
    case 'nullValue':
      return null;
    case 'typeValue':
      return new TypeValue(value as string);
    case 'listValue':
      return new ArrayList(((value as { values?: Proto[] }).values ?? []).map(valueOf));
    case 'mapValue': {
      const { entries = [] } = value as { entries?: { key: Proto; value: Proto }[] };
      return new EntryMap(entries.map((entry) => [valueOf(entry.key), valueOf(entry.value)] as const));
    }
    case 'objectValue':
      return wellKnownOf(value as Readonly<Record<string, unknown>>);
    case 'stringValue':
    case 'boolValue':
      return value as string | boolean;
    default:
      return new CelError(`a value of kind ${kind}`);
  }
}

/** Durations and timestamps; other messages have no form here. */
function wellKnownOf(object: Readonly<Record<string, unknown>>): CelValue {
  const type = String(object['@type']).replace(/.*\//, '');
  const text = String(object['value']);
  if (type === 'google.protobuf.Timestamp') return parseTimestamp(text) ?? new CelError(text);
  if (type === 'google.protobuf.Duration') return readDuration(text) ?? new CelError(text);
  return new CelError(`a message of type ${type}`);
}

const PRIMITIVES: Readonly<Record<string, CelType>> = {
  BOOL,
  INT64: INT,
  UINT64: UINT,
  DOUBLE,
  STRING,
  BYTES,
};

const WELL_KNOWN: Readonly<Record<string, CelType>> = {
  DURATION,
  TIMESTAMP,
  'google.protobuf.Duration': DURATION,
  'google.protobuf.Timestamp': TIMESTAMP,
};

function typeOf(proto: ProtoType): CelType {
  const [[kind, value]] = Object.entries(proto) as [[string, unknown]];
  const inner = value as Readonly<Record<string, ProtoType>>;
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[value as string]!;
    case 'wrapper':
      return nullableType(PRIMITIVES[value as string]!);
    case 'listType':
      return listType(typeOf(inner['elemType']!));
    case 'mapType':
      return mapType(typeOf(inner['keyType']!), typeOf(inner['valueType']!));
    case 'type':
      return typeType(typeOf(value as ProtoType));
    case 'null':
      return NULL;
    case 'abstractType': {
      const { name, parameterTypes = [] } = value as { name: string; parameterTypes?: ProtoType[] };
      return opaqueType(name, ...parameterTypes.map(typeOf));
    }
    case 'wellKnown':
      return WELL_KNOWN[value as string] ?? DYN;
    case 'messageType':
      return WELL_KNOWN[value as string] ?? objectType(value as string);
    default:
      return DYN;
  }
}

function print(value: CelValue): string {
  if (value instanceof ListValue) return `[${[...value].map(print).join(', ')}]`;
  if (value instanceof MapValue) return `{${[...value.keys()].map((key) => print(value.find(key)!)).join(', ')}}`;
  return value instanceof Uint ? `${value.value}u` : String(value);
}

const cases = [...casesOf(tests as unknown as Suite, '')];

test('there are all cases of the specification', () => {
  assert.equal(cases.length, 2344);
});

test('every case passes, but for those of what Kubernetes does not include', () => {
  const excluded = new Set(Object.values(EXCLUDED).flat());
  const failures = cases.map(([id, test]) => [id, failureOf(test)] as const);
  const unexpected = failures.filter(([id, why]) => why !== undefined && !excluded.has(id));
  const passing = failures.filter(([id, why]) => why === undefined && excluded.has(id));
  const known = new Set(cases.map(([id]) => id));
  const unknown = [...excluded].filter((id) => !known.has(id));
  const report = [
    ...unexpected.map(([id, why]) => `${id}: ${why}`),
    ...passing.map(([id]) => `${id} passes now`),
    ...unknown.map((id) => `${id} is no case`),
  ];
  assert.equal(report.join('\n'), '');
});
