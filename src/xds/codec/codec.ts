import { ProtoReader, ProtoWriter } from 'nekube/protobuf';
import type { Any } from '../json-types.ts';
import type { Messages } from '../messages/index.ts';
import { sharingParts } from './message-codec.ts';
import { codecOf, TYPE_PREFIX } from './registry.ts';

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
 * The same, where parts that were encoded before, the same objects, are not again. Nobody may change them. What it gives is valid
 * until the next call. @throws ResourceError
 */
export function encodeShared(name: string, message: unknown): Buffer {
  if (scratch.length > MOST_SCRATCH) scratch = new ProtoWriter();
  scratch.take(0);
  sharingParts(() => codecOf(name).write(scratch, message));
  return scratch.finish();
}

/** A message of its bytes: fields by their names in the .proto file, zeros left out. @throws ResourceError, WireError */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  return codecOf(name).read(new ProtoReader(bytes)) as Message<Name>;
}
