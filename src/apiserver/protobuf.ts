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
  const key = apiVersion.includes('/') ? `${apiVersion}/${kind}` : `${apiVersion}/${kind}`;
  return protobufFacts().kinds[key];
}

/** An object in Kubernetes' protobuf envelope (`k8s\0` and a runtime.Unknown); undefined if its kind has no message. */
export function encodeKubeProtobuf(object: KubeObject): Buffer | undefined {
  const { kind = '', apiVersion = '' } = object;
  const message = messageOf(apiVersion, kind);
  if (message === undefined) return undefined;
  const raw = encodeProtobuf(message, object as unknown as JsonObject, protobufFacts());
  return Buffer.from(wrapUnknown({ apiVersion, kind, raw }));
}

/**
 * Reads an object from its protobuf envelope.
 *
 * @throws Error if the bytes are no envelope, or hold a kind without a message
 */
export function decodeKubeProtobuf(bytes: Uint8Array): KubeObject {
  const { apiVersion, kind, raw } = unwrapUnknown(bytes);
  const message = messageOf(apiVersion, kind);
  if (message === undefined) throw new Error(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { kind, apiVersion, ...decodeProtobuf(message, raw, protobufFacts()) } as unknown as KubeObject;
}
