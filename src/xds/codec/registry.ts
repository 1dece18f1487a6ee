import { readFileSync } from 'node:fs';
import { BYTES, ProtoReader, type ProtoWriter } from 'nekube/protobuf';
import { type Field, MessageCodec } from './message-codec.ts';
import { ResourceError, shown } from './resource-error.ts';
import { enumCodec, SCALARS } from './scalars.ts';
import type { ValueCodec } from './value-codec.ts';
import { WELL_KNOWN } from './well-known.ts';

/** What tools/xds/generate.mjs wrote; the texts of fields are explained there. */
export interface Descriptors {
  readonly messages: Readonly<Record<string, readonly string[]>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const KNOWN_PREFIX = 'google.protobuf.';
/** What stands before a message's name in the URL of its type. */
export const TYPE_PREFIX = 'type.googleapis.com/';

let descriptors: Descriptors | undefined;
const codecs = new Map<string, ValueCodec>();

/** All that is known, read at first use. */
export function readDescriptors(): Descriptors {
  descriptors ??= JSON.parse(readFileSync(new URL('../descriptors.json', import.meta.url), 'utf8')) as Descriptors;
  return descriptors;
}

/** The codec of a message by its full name; undefined when it is not known. */
export function findCodec(name: string): ValueCodec | undefined {
  const known = codecs.get(name);
  if (known !== undefined) return known;
  const codec = newCodec(name);
  if (codec !== undefined) codecs.set(name, codec);
  return codec;
}

/** The codec of a message by its full name. @throws ResourceError: it is not known */
export function codecOf(name: string): ValueCodec {
  const codec = findCodec(name);
  if (codec === undefined) throw new ResourceError(`no message ${JSON.stringify(name)} is known`);
  return codec;
}

function newCodec(name: string): ValueCodec | undefined {
  if (name === `${KNOWN_PREFIX}Any`) return anyCodec;
  if (name.startsWith(KNOWN_PREFIX)) return WELL_KNOWN[name.slice(KNOWN_PREFIX.length)];
  const fields = Object.hasOwn(readDescriptors().messages, name) ? readDescriptors().messages[name] : undefined;
  return fields && new MessageCodec(name, () => fields.map(parseField));
}

const FIELD =
  /^(?<number>\d+) (?<name>\w+) (?:(?<list>\[\])|\{(?<key>\w+)\})?(?<presence>\??)(?<sensitive>!?)(?<type>[^|]+)(?:\|(?<oneof>\w+))?$/;

function parseField(text: string): Field {
  const { number, name, list, key, presence, sensitive, type, oneof } = FIELD.exec(text)!.groups as Record<
    'number' | 'name' | 'presence' | 'sensitive' | 'type',
    string
  > &
    Partial<Record<'list' | 'key' | 'oneof', string>>;
  return {
    number: Number(number),
    name,
    shape: list !== undefined ? 'list' : key !== undefined ? 'map' : 'one',
    codec: valueCodec(type),
    key: key === undefined ? undefined : SCALARS[key]!,
    hasPresence: presence !== '',
    oneof,
    isNullable: type === `.${KNOWN_PREFIX}Value`,
    isSensitive: sensitive !== '',
  };
}

function valueCodec(type: string): ValueCodec {
  if (type.startsWith('.')) return codecOf(type.slice(1));
  if (!type.startsWith('=')) return SCALARS[type]!;
  const name = type.slice(1);
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = enumCodec(name, name === `${KNOWN_PREFIX}NullValue` ? { NULL_VALUE: 0 } : readDescriptors().enums[name]!);
    codecs.set(type, codec);
  }
  return codec;
}

/** A key that stands for the bytes of a message whose type is not known, in base64. */
const RAW = '@bytes';

/** google.protobuf.Any: the fields of the message beside its type. */
const anyCodec: ValueCodec = {
  wire: BYTES,
  write(writer: ProtoWriter, value: unknown): void {
    const url = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['@type'] : undefined;
    if (typeof url !== 'string')
      throw new ResourceError(`must have the URL of a type in "@type", but is ${shown(value)}`);
    const end = writer.length;
    writeContent(writer, url, value as Readonly<Record<string, unknown>>);
    if (writer.length > end) writer.close(2, end);
    const afterValue = writer.length;
    writer.string(url);
    writer.close(1, afterValue);
  },
  read(reader: ProtoReader): unknown {
    let url = '';
    let bytes: Uint8Array = new Uint8Array(0);
    while (!reader.done) {
      const tag = reader.varint();
      if (tag === 8 + BYTES) url = reader.string();
      else if (tag === 16 + BYTES) bytes = reader.bytes();
      else reader.skip(tag % 8);
    }
    return readAny(url, bytes);
  },
};

function writeContent(writer: ProtoWriter, url: string, value: Readonly<Record<string, unknown>>): void {
  if (typeof value[RAW] === 'string') return writer.bytes(Buffer.from(value[RAW], 'base64'));
  const name = nameOfUrl(url);
  const codec = findCodec(name);
  if (codec === undefined) throw new ResourceError(`no message ${JSON.stringify(name)} is known`, '["@type"]');
  if (codec instanceof MessageCodec) codec.write(writer, value);
  else if (name === `${KNOWN_PREFIX}Empty`) return;
  else codec.write(writer, value.value);
}

/** The message of an Any, with its type beside its fields. @throws ResourceError, WireError */
export function readAny(url: string, bytes: Uint8Array): Readonly<Record<string, unknown>> & { '@type': string } {
  const codec = findCodec(nameOfUrl(url));
  if (codec === undefined) return { '@type': url, [RAW]: Buffer.from(bytes).toString('base64') };
  const content = codec.read(new ProtoReader(bytes));
  if (codec instanceof MessageCodec) return { '@type': url, ...(content as object) };
  return nameOfUrl(url) === `${KNOWN_PREFIX}Empty` ? { '@type': url } : { '@type': url, value: content };
}

/** `type.googleapis.com/envoy.config.route.v3.Route` → `envoy.config.route.v3.Route`. */
export function nameOfUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Names of all messages that are known. */
export function messageNames(): string[] {
  return Object.keys(readDescriptors().messages);
}
