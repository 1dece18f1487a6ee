import { ProtoReader as WireReader } from 'nekube/protobuf';
import { ParseError } from './parse-error.ts';

export { BYTES, FIXED64, ProtoWriter, VARINT } from 'nekube/protobuf';

/** Reads a message from its beginning; all errors are ParseErrors with the text of the Go decoders. */
export class ProtoReader extends WireReader {
  override fail(message: string): never {
    throw new ParseError(message, { offset: this.offset });
  }
}
