/** Subprotocols of exec and attach, the best first; what tells exit codes is v4 and v5. */
export const REMOTE_COMMAND_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const;

/** The protocol of port-forward. */
export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** What port-forward through a WebSocket puts in front of the protocol that it carries. */
export const TUNNEL_PREFIX = 'SPDY/3.1+';

/** The numbers of the channels of exec and attach on a WebSocket. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** The header that says what a SPDY stream is for. */
export const STREAM_TYPE = 'streamtype';

/** The header with the port that a stream of port-forward is for. */
export const PORT_HEADER = 'port';

/** The header that tells which two streams of port-forward belong together. */
export const REQUEST_ID_HEADER = 'requestid';

/** Which streams a command has. */
export interface RemoteStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The size of a terminal, as it comes on the channel for it. */
export interface TerminalSize {
  readonly Width: number;
  readonly Height: number;
}

/** What is told on the error channel when a command has ended. */
export interface RemoteStatus {
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] };
  readonly code?: number;
}

/** The status of a command that ended well. */
export const SUCCESS: RemoteStatus = { metadata: {}, status: 'Success' };

/** The status of a command that ended with a code; that of 0 is success. */
export function exitStatus(code: number): RemoteStatus {
  if (code === 0) return SUCCESS;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** The status of what could not be done. */
export function internalStatus(message: string): RemoteStatus {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ reason: '', message }] },
    code: 500,
  };
}
