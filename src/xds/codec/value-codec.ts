import type { ProtoReader, ProtoWriter } from 'nekube/protobuf';

/** How a value of JSON is written and read as what stands behind the tag of a field. */
export interface ValueCodec {
  /** What the tag says: VARINT, FIXED32, FIXED64 or BYTES. */
  readonly wire: number;
  /** Writes the value, of BYTES without their length. @throws ResourceError */
  write(writer: ProtoWriter, value: unknown): void;
  /** Reads the value; of BYTES all until the reader is done. @throws ResourceError, WireError */
  read(reader: ProtoReader): unknown;
  /** True for what a field without presence does not write. Absent for messages, which are there or not. */
  readonly isZero?: (value: unknown) => boolean;
}
