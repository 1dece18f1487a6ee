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
const LEAST_ALONE = 4 * 1024;

/**
 * A message in pieces, written from its end to its beginning: what resources have encoded may be megabytes, of which each change
 * would make copies.
 */
class PiecesWriter {
  readonly #pieces: Buffer[] = [];
  /** Of the pieces. */
  #size = 0;
  #writer = new ProtoWriter();

  get length(): number {
    return this.#size + this.#writer.length;
  }

  text(number: number, value: string): void {
    const end = this.length;
    this.#writer.string(value);
    this.close(number, end);
  }

  /** Bytes that nobody changes any more. */
  bytes(pieces: readonly Buffer[]): void {
    for (let i = pieces.length - 1; i >= 0; i--) {
      const piece = pieces[i]!;
      if (piece.length < LEAST_ALONE) this.#writer.bytes(piece);
      else {
        this.#flush();
        this.#push(piece);
      }
    }
  }

  /** Length and key in front of what was written since `length` had this value. */
  close(number: number, lengthBefore: number): void {
    this.#writer.varint(this.length - lengthBefore);
    this.#writer.tag(number, BYTES);
  }

  finish(): readonly Buffer[] {
    this.#flush();
    return this.#pieces.reverse();
  }

  #flush(): void {
    if (this.#writer.length === 0) return;
    this.#push(this.#writer.finish());
    this.#writer = new ProtoWriter();
  }

  #push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }
}

/** An envoy.service.discovery.v3.DiscoveryResponse, in pieces. */
export function discoveryResponse({ type, nonce, version, resources }: Response): readonly Buffer[] {
  const writer = new PiecesWriter();
  writer.text(5, nonce);
  writer.text(4, type);
  for (const resource of resources.toReversed()) writeAny(writer, 2, resource);
  writer.text(1, version);
  return writer.finish();
}

/** An envoy.service.discovery.v3.DeltaDiscoveryResponse, in pieces. */
export function deltaDiscoveryResponse({ type, nonce, version, resources, removed }: Response): readonly Buffer[] {
  const writer = new PiecesWriter();
  for (const name of removed.toReversed()) writer.text(6, name);
  writer.text(5, nonce);
  writer.text(4, type);
  for (const resource of resources.toReversed()) writeNamed(writer, 2, resource);
  writer.text(1, version);
  return writer.finish();
}

/** A google.protobuf.Any. */
function writeAny(writer: PiecesWriter, number: number, { type, pieces }: Resource): void {
  const end = writer.length;
  writer.bytes(pieces);
  writer.close(2, end);
  writer.text(1, type.url);
  writer.close(number, end);
}

/** An envoy.service.discovery.v3.Resource. */
function writeNamed(writer: PiecesWriter, number: number, resource: Resource): void {
  const end = writer.length;
  writer.text(3, resource.name);
  writeAny(writer, 2, resource);
  writer.text(1, resource.version);
  writer.close(number, end);
}
