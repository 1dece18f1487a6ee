/** A peer that does not speak SPDY/3.1, or a connection or stream that ended before its time. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
}
