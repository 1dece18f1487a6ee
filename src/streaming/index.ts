/**
 * Several streams on one connection, as kubectl's exec, attach and port-forward need them: SPDY/3.1 as moby/spdystream
 * speaks it, the server's side of WebSocket with Kubernetes' channels, and what both carry. The API server and the node
 * speak them.
 *
 * What it does not do: it listens nowhere, runs no command, and knows no pod. Of SPDY there are no windows, settings and
 * pushes, of WebSocket no compression.
 */
export { isUpgradeRequest, isWebSocketRequest, negotiateProtocol, webSocketProtocols } from './websocket/handshake.ts';
export { handshakeProblem, refuseHandshake, type UpgradeRequest, writeHandshake } from './websocket/handshake.ts';
export { requestUpgrade, type UpgradeAnswer, type UpgradeTarget } from './http-upgrade.ts';
export { joinConnections } from './join.ts';
export {
  CHANNEL,
  exitStatus,
  internalStatus,
  PORT_FORWARD_PROTOCOL,
  PORT_HEADER,
  REMOTE_COMMAND_PROTOCOLS,
  type RemoteStatus,
  type RemoteStreams,
  REQUEST_ID_HEADER,
  STREAM_TYPE,
  SUCCESS,
  type TerminalSize,
  TUNNEL_PREFIX,
} from './remote-command.ts';
export { SpdyConnection, type SpdyOptions } from './spdy/connection.ts';
export type { HeaderFields } from './spdy/header-block.ts';
export { SpdyError } from './spdy/spdy-error.ts';
export type { SpdyStream } from './spdy/stream.ts';
export { type ChannelsOptions, type ChannelUse, WebSocketChannels } from './websocket/channels.ts';
export { WebSocketConnection, type WebSocketOptions } from './websocket/connection.ts';
export { WebSocketTunnel } from './websocket/tunnel.ts';
