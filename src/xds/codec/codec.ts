import { ProtoReader, ProtoWriter } from 'nekube/protobuf';
import type { Any } from '../json-types.ts';
import type { Messages } from '../messages/index.ts';
import { type Written, writeSharing } from './known-lists.ts';
import { codecOf, readDescriptors, TYPE_PREFIX } from './registry.ts';

/** The full name of a message that is known. */
export type MessageName = keyof Messages;

/** The message of a full name, as its JSON: `Message<'envoy.config.route.v3.Route'>`. */
export type Message<Name extends MessageName> = Messages[Name];

/** The URL of a message's type. */
export function typeUrl<Name extends MessageName>(name: Name): `type.googleapis.com/${Name}` {
  return `${TYPE_PREFIX}${name}`;
}

/** A message as an Any: its type beside its fields. Nothing is checked before it is encoded. */
export function anyOf<Name extends MessageName>(name: Name, message: Message<Name>): Any {
  return { '@type': typeUrl(name), ...message };
}

/**
 * The bytes of a message. Equal messages have equal bytes, in whatever order their keys stand.
 *
 * @throws ResourceError naming the place: a field that there is not, a value of the wrong kind, two fields of a oneof
 */
export function encode<Name extends MessageName>(name: Name, message: Message<Name>): Buffer {
  return encodeAs(name, message);
}

/** The same, of a message whose name is known at run time alone. @throws ResourceError */
export function encodeAs(name: string, message: unknown): Buffer {
  const writer = new ProtoWriter();
  codecOf(name).write(writer, message);
  return writer.finish();
}

/** What is kept of it for the next time, in bytes. */
const MOST_SCRATCH = 16 * 1024 * 1024;
let scratch = new ProtoWriter();

/**
 * The same, where elements of long lists that were encoded before, as the same objects, are not again. Nobody may change them.
 * @throws ResourceError
 */
export function encodeSharing(name: string, message: unknown): Written {
  if (scratch.length > MOST_SCRATCH) scratch = new ProtoWriter();
  scratch.take(0);
  return writeSharing(scratch, () => codecOf(name).write(scratch, message));
}

/** A message of its bytes: fields by their names in the .proto file, zeros left out. @throws ResourceError, WireError */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  return codecOf(name).read(new ProtoReader(bytes)) as Message<Name>;
}

/** The number of an enum's value, which JSON names: `enumNumber('envoy.type.v3.StatusCode', 'Forbidden')` is 403. 0 for none. */
export function enumNumber(enumName: string, value: string | number | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  return readDescriptors().enums[enumName]?.[value] ?? 0;
}
