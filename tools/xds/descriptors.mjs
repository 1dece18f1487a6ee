// Reads what PyPI's package xds-protos knows of Envoy's protos: each of its modules holds the serialised descriptor of one
// .proto file as a literal of Python's.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesOfZip } from '../archive.mjs';

/** The package, and which files of it. */
export const SOURCE = {
  name: 'xds-protos',
  version: '1.85.0',
  sha256: 'e1e7bfd9936389936b2c85660d9db0dae380f12678a594b983da40dd472f1760',
};

/** The bytes of the wheel: from `path` if it is given, else fetched with pip. Throws when it is not the file it was. */
export function wheel(path) {
  const bytes = path === undefined ? download() : readFileSync(path);
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== SOURCE.sha256) throw new Error(`${SOURCE.name} ${SOURCE.version} is not the file it was: sha256 ${sum}`);
  return bytes;
}

function download() {
  const work = mkdtempSync(join(tmpdir(), 'xds-protos-'));
  try {
    const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', work];
    const pip = spawnSync('python3', [...args, `${SOURCE.name}==${SOURCE.version}`], { encoding: 'utf8' });
    if (pip.status !== 0) throw new Error(`pip download: ${pip.stderr || pip.error?.message}`);
    return readFileSync(join(work, readdirSync(work)[0]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** All files of protos in the wheel, as `{name, package, proto3, messages, enums}`. */
export function protoFiles(bytes) {
  return [...filesOfZip(bytes)]
    .filter(([name]) => name.endsWith('_pb2.py'))
    .map(([, text]) => /AddSerializedFile\(b'((?:[^'\\]|\\.)*)'\)/s.exec(text.toString('latin1'))?.[1])
    .filter((literal) => literal !== undefined)
    .map((literal) => readFile(pythonBytes(literal)));
}

const ESCAPES = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

/** The bytes of a literal of Python's, without its quotes. */
function pythonBytes(literal) {
  const text = literal.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)/gs, (_, escape) => {
    if (escape[0] === 'x') return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return ESCAPES[escape] ?? String.fromCharCode(Number.parseInt(escape, 8));
  });
  return Buffer.from(text, 'latin1');
}

/** The fields of a message as lists of values by number: numbers of varints, bytes of all else. */
function fieldsOf(bytes) {
  const fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  const take = (size) => bytes.subarray(at, (at += size));
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : varint());
    const number = tag >> 3;
    if (fields.has(number)) fields.get(number).push(value);
    else fields.set(number, [value]);
  }
  return {
    all: (number) => fields.get(number) ?? [],
    text: (number) => fields.get(number)?.at(-1).toString('utf8') ?? '',
    number: (number) => fields.get(number)?.at(-1) ?? 0,
    bytes: (number) => fields.get(number)?.at(-1),
  };
}

/** FileDescriptorProto. */
function readFile(bytes) {
  const file = fieldsOf(bytes);
  const packageName = file.text(2);
  const found = { messages: [], enums: [] };
  const proto3 = file.text(12) === 'proto3';
  for (const message of file.all(4)) readMessage(message, packageName, proto3, found);
  for (const one of file.all(5)) found.enums.push(readEnum(one, packageName));
  return { name: file.text(1), package: packageName, ...found };
}

/** DescriptorProto, with what is declared in it; `parent` is the package or the message around it. */
function readMessage(bytes, parent, proto3, found, outer = []) {
  const message = fieldsOf(bytes);
  const path = [...outer, message.text(1)];
  const name = `${parent}.${path.join('.')}`;
  const oneofs = message.all(8).map((oneof) => fieldsOf(oneof).text(1));
  const options = message.bytes(7);
  found.messages.push({
    name,
    package: parent,
    path,
    isMapEntry: options !== undefined && fieldsOf(options).number(7) === 1,
    fields: message.all(2).map((field) => readField(field, oneofs, proto3)),
  });
  for (const nested of message.all(3)) readMessage(nested, parent, proto3, found, path);
  for (const nested of message.all(4)) found.enums.push(readEnum(nested, parent, path));
}

const SCALARS = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};
const REPEATED = 3;
/** udpa.annotations.sensitive: what must not be shown. */
const SENSITIVE = 76569463;

/** FieldDescriptorProto. */
function readField(bytes, oneofs, proto3) {
  const field = fieldsOf(bytes);
  const options = fieldsOf(field.bytes(8) ?? Buffer.alloc(0));
  const optional = field.number(17) === 1;
  const inOneof = field.all(9).length > 0;
  const isRepeated = field.number(4) === REPEATED;
  const type = field.number(5);
  return {
    number: field.number(3),
    name: field.text(1),
    type: SCALARS[type] ?? field.text(6).slice(1),
    isRepeated,
    isEnum: type === 14,
    oneof: inOneof && !optional ? oneofs[field.number(9)] : undefined,
    /** Whether a zero that was set differs from none. */
    hasPresence: !isRepeated && (optional || !proto3 || inOneof),
    isDeprecated: options.number(3) === 1,
    isSensitive: options.number(SENSITIVE) === 1,
  };
}

/** EnumDescriptorProto. */
function readEnum(bytes, parent, outer = []) {
  const one = fieldsOf(bytes);
  const path = [...outer, one.text(1)];
  const values = one
    .all(2)
    .map((value) => fieldsOf(value))
    .map((value) => [value.text(1), value.number(2)]);
  return { name: `${parent}.${path.join('.')}`, package: parent, path, values };
}
