import { type Random, seededRandom } from './random.ts';
import { readDescriptors } from '../codec/registry.ts';

/** How deep messages of a sample nest. */
const MOST_DEPTH = 4;

/** A message with about half of its fields, the same for the same seed, as it is read again: no zeros, no empty lists. */
export function sampleMessage(name: string, seed: number): Readonly<Record<string, unknown>> {
  return messageOf(name, seededRandom(seed), 0);
}

function messageOf(name: string, random: Random, depth: number): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  const taken = new Set<string>();
  for (const text of readDescriptors().messages[name]!) {
    const [, field = '', rest = ''] = text.split(' ');
    const [type = '', oneof] = rest.split('|');
    if (random.below(2) === 0 || (oneof !== undefined && taken.has(oneof))) continue;
    const value = valueOf(type.replaceAll(/[!?]/g, ''), random, depth);
    if (value === undefined) continue;
    if (oneof !== undefined) taken.add(oneof);
    message[field] = value;
  }
  return message;
}

function valueOf(type: string, random: Random, depth: number): unknown {
  if (type.startsWith('[]')) {
    const list = [0, 1].map(() => valueOf(type.slice(2), random, depth));
    return list.includes(undefined) ? undefined : list;
  }
  const [, key, valueType] = /^\{(\w+)\}(.*)$/.exec(type) ?? [];
  if (valueType === undefined) return singleOf(type, random, depth);
  const value = singleOf(valueType, random, depth);
  return value === undefined ? undefined : { [key === 'string' ? `key ${random.below(100)}` : '7']: value };
}

/** Undefined when messages would nest too deep. */
function singleOf(type: string, random: Random, depth: number): unknown {
  if (type.startsWith('=')) return enumOf(type.slice(1), random);
  if (type in SCALARS) return SCALARS[type]!(random);
  const name = type.slice(1);
  if (name in KNOWN) return KNOWN[name]!(random);
  return depth < MOST_DEPTH ? messageOf(name, random, depth + 1) : undefined;
}

function enumOf(name: string, random: Random): unknown {
  const values = readDescriptors().enums[name];
  if (values === undefined) return 'NULL_VALUE';
  // the first of those that have the same number is the one that is read
  const names = Object.keys(values).filter(
    (one, i, all) => all.findIndex((other) => values[other] === values[one]) === i,
  );
  const nonzero = names.filter((one) => values[one] !== 0);
  return nonzero[random.below(nonzero.length)];
}

const number = (random: Random): number => 1 + random.below(1000);
const text = (random: Random): string => `text ${random.below(1000)} ünï`;
const bytes = (random: Random): string => Buffer.from(text(random)).toString('base64');
const integerText = (random: Random): string => String(BigInt(number(random)) ** 6n);

const SCALARS: Readonly<Record<string, (random: Random) => unknown>> = {
  bool: () => true,
  string: text,
  bytes,
  int32: (random) => -number(random),
  uint32: number,
  sint32: (random) => -number(random),
  int64: (random) => `-${integerText(random)}`,
  uint64: integerText,
  sint64: (random) => `-${integerText(random)}`,
  fixed32: number,
  sfixed32: (random) => -number(random),
  fixed64: integerText,
  sfixed64: (random) => `-${integerText(random)}`,
  float: (random) => number(random) / 10,
  double: (random) => number(random) / 1000,
};

const json = (random: Random): object => ({ b: [null, true, number(random), text(random), {}], a: { nested: [] } });

const KNOWN: Readonly<Record<string, (random: Random) => unknown>> = {
  'google.protobuf.Any': (random) => ({ '@type': 'type.googleapis.com/google.protobuf.Struct', value: json(random) }),
  'google.protobuf.BoolValue': (random) => random.below(2) === 0,
  'google.protobuf.BytesValue': bytes,
  'google.protobuf.DoubleValue': (random) => random.below(3) / 2,
  'google.protobuf.Duration': (random) => `-${random.below(100)}.${String(1 + random.below(998)).padStart(3, '0')}s`,
  'google.protobuf.Empty': () => ({}),
  'google.protobuf.FloatValue': (random) => random.below(3) / 10,
  'google.protobuf.Int32Value': (random) => -random.below(3),
  'google.protobuf.Int64Value': (random) => String(-random.below(3)),
  'google.protobuf.ListValue': (random) => [json(random), []],
  'google.protobuf.StringValue': (random) => (random.below(2) === 0 ? '' : text(random)),
  'google.protobuf.Struct': json,
  'google.protobuf.Timestamp': (random) => `2026-01-02T03:04:05${random.below(2) === 0 ? '' : '.000001'}Z`,
  'google.protobuf.UInt32Value': (random) => random.below(3),
  'google.protobuf.UInt64Value': (random) => String(random.below(3)),
  'google.protobuf.Value': (random) => json(random),
};
