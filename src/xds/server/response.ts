import { ProtoWriter } from 'nekube/protobuf';
import type { Resource } from '../resources/resource.ts';

/** What is sent of one type. */
export interface Response {
  readonly type: string;
  readonly nonce: string;
  /** A hash of all that the client has of the type with this response. */
  readonly version: string;
  readonly resources: readonly Resource[];
  /** What there is not (any more); of the incremental protocol alone. */
  readonly removed: readonly string[];
}

function text(writer: ProtoWriter, number: number, value: string): void {
  const end = writer.length;
  writer.string(value);
  writer.close(number, end);
}

function texts(writer: ProtoWriter, number: number, values: readonly string[]): void {
  for (let i = values.length - 1; i >= 0; i--) text(writer, number, values[i]!);
}

function messages(writer: ProtoWriter, number: number, all: readonly Buffer[]): void {
  for (let i = all.length - 1; i >= 0; i--) {
    const end = writer.length;
    writer.bytes(all[i]!);
    writer.close(number, end);
  }
}

/** An envoy.service.discovery.v3.DiscoveryResponse. */
export function discoveryResponse({ type, nonce, version, resources }: Response): Buffer {
  const writer = new ProtoWriter();
  text(writer, 5, nonce);
  text(writer, 4, type);
  messages(
    writer,
    2,
    resources.map(({ any }) => any),
  );
  text(writer, 1, version);
  return writer.finish();
}

/** An envoy.service.discovery.v3.DeltaDiscoveryResponse. */
export function deltaDiscoveryResponse({ type, nonce, version, resources, removed }: Response): Buffer {
  const writer = new ProtoWriter();
  texts(writer, 6, removed);
  text(writer, 5, nonce);
  text(writer, 4, type);
  messages(
    writer,
    2,
    resources.map(({ delta }) => delta),
  );
  text(writer, 1, version);
  return writer.finish();
}
