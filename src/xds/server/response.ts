import { BYTES, ProtoWriter } from 'nekube/protobuf';
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

/** Bytes of which there are fewer are copied together with what is around them. */
const LEAST_ALONE = 16 * 1024;

/**
 * A message in pieces, written from its end to its beginning: what resources have encoded may be megabytes, of which each change
 * would make copies.
 */
class PiecesWriter {
  readonly #pieces: Buffer[] = [];
  #writer = new ProtoWriter();

  text(number: number, value: string): void {
    const end = this.#writer.length;
    this.#writer.string(value);
    this.#writer.close(number, end);
  }

  /** In the order of the list. */
  texts(number: number, values: readonly string[]): void {
    for (let i = values.length - 1; i >= 0; i--) this.text(number, values[i]!);
  }

  /** In the order of the list. Nobody may change these bytes any more. */
  messages(number: number, all: readonly Buffer[]): void {
    for (let i = all.length - 1; i >= 0; i--) {
      const bytes = all[i]!;
      if (bytes.length < LEAST_ALONE) this.#writer.bytes(bytes);
      else {
        this.#pieces.push(this.#writer.finish(), bytes);
        this.#writer = new ProtoWriter();
      }
      this.#writer.varint(bytes.length);
      this.#writer.tag(number, BYTES);
    }
  }

  finish(): readonly Buffer[] {
    this.#pieces.push(this.#writer.finish());
    return this.#pieces.reverse();
  }
}

/** An envoy.service.discovery.v3.DiscoveryResponse, in pieces. */
export function discoveryResponse({ type, nonce, version, resources }: Response): readonly Buffer[] {
  const writer = new PiecesWriter();
  writer.text(5, nonce);
  writer.text(4, type);
  writer.messages(
    2,
    resources.map(({ any }) => any),
  );
  writer.text(1, version);
  return writer.finish();
}

/** An envoy.service.discovery.v3.DeltaDiscoveryResponse, in pieces. */
export function deltaDiscoveryResponse({ type, nonce, version, resources, removed }: Response): readonly Buffer[] {
  const writer = new PiecesWriter();
  writer.texts(6, removed);
  writer.text(5, nonce);
  writer.text(4, type);
  writer.messages(
    2,
    resources.map(({ delta }) => delta),
  );
  writer.text(1, version);
  return writer.finish();
}
