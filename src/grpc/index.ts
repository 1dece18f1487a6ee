/**
 * gRPC on node:http2: calls and streams in both directions, for clients (`Channel`) and servers (`Listener`), with deadlines,
 * statuses, TLS, client certificates, and signs of life.
 *
 * What it does not do: compression, balancing, reflection, and reading messages: those who call hand in how that is done.
 */
export { type Call, type CallMetadata, Channel, type ChannelTls, Stream, type StreamCodec } from './channel.ts';
export { Code, nameOf } from './codes.ts';
export { type GrpcError, grpcError, isGrpcError, newTooLate, RpcError } from './errors.ts';
export { FrameError, framed, MessageFrames } from './frames.ts';
export {
  type ListenAddress,
  Listener,
  type ListenerOptions,
  type ListenPath,
  type ListenTls,
  type Pages,
} from './listener.ts';
export { decodeStatusMessage, encodeStatusMessage } from './status-message.ts';
export type {
  CallInfo,
  InStream,
  MessageFormat,
  Methods,
  OutStream,
  StreamMethod,
  UnaryMethod,
} from './serve-call.ts';
