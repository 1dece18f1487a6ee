import { protobufFacts } from 'nekube/api';
import {
  decodeProtobuf,
  encodeProtobuf,
  type JsonObject,
  type KubeObject,
  unwrapUnknown,
  wrapUnknown,
} from 'nekube/apimachinery';

/** The message of a kind; undefined for kinds that have no protobuf form. */
function messageOf(apiVersion: string, kind: string): string | undefined {
  // APIVersions is the one kind without a version
  return protobufFacts().kinds[`${apiVersion || 'v1'}/${kind}`];
}

/** An object in Kubernetes' protobuf envelope (`k8s\0` and a runtime.Unknown); undefined if its kind has no message. */
export function encodeKubeProtobuf(object: KubeObject): Buffer | undefined {
  const { kind = '', apiVersion = '' } = object;
  const message = messageOf(apiVersion, kind);
  if (message === undefined) return undefined;
  const raw = encodeProtobuf(message, object as unknown as JsonObject, protobufFacts());
  return Buffer.from(wrapUnknown({ apiVersion, kind, raw }));
}

/** What an envelope holds: the type of its object, and how to read it. */
export interface ProtobufBody {
  /** Empty where the envelope names none. */
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * Reads the message as an object of a type; undefined if the type has no message.
   * @throws Error with Go's message for malformed bytes
   */
  decodeAs(apiVersion: string, kind: string): KubeObject | undefined;
}

/**
 * Opens a body's protobuf envelope.
 *
 * @throws Error with Go's message if the bytes are none
 */
export function openKubeProtobuf(bytes: Uint8Array): ProtobufBody {
  if (bytes.length === 0) throw new Error('empty data');
  const { apiVersion, kind, raw } = unwrapUnknown(bytes);
  if (bytes.length === ENVELOPE_PREFIX_BYTES) throw new Error('empty body');
  return {
    apiVersion,
    kind,
    decodeAs(version, name) {
      const message = messageOf(version, name);
      if (message === undefined) return undefined;
      const object = { kind: name, apiVersion: version, ...decodeProtobuf(message, raw, protobufFacts()) };
      return object as unknown as KubeObject;
    },
  };
}

const ENVELOPE_PREFIX_BYTES = 4;
