import { connect } from 'node:http2';
import { failure, type Outcome, SUCCESS } from './outcome.ts';

const STATES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const UNIMPLEMENTED = '12';

/** What is asked. */
export interface HealthOptions {
  readonly service: string;
  /** Of messages. */
  readonly address: string;
  readonly timeoutMs: number;
}

/** Asks a server for its health by gRPC (grpc.health.v1), as a probe does. */
export function askHealth(
  target: { readonly host: string; readonly port: number },
  { service, address, timeoutMs }: HealthOptions,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const session = connect(`http://${target.host}:${target.port}`);
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(
      () =>
        end(
          failure(
            `timeout: failed to connect service ${JSON.stringify(address)} within ${timeoutMs / 1000}s: context deadline exceeded`,
          ),
        ),
      timeoutMs,
    );
    const fail = (error: Error): void =>
      end(failure(`error: failed to connect service at ${JSON.stringify(address)}: ${error.message}`));
    session.once('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.36',
    });
    const chunks: Buffer[] = [];
    let status: string | undefined;
    let message = '';
    const look = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers['grpc-status'] !== undefined) status = String(headers['grpc-status']);
      if (headers['grpc-message'] !== undefined) message = decodeURIComponent(String(headers['grpc-message']));
    };
    stream
      .on('response', look)
      .on('trailers', look)
      .on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', fail);
    stream.once('end', () => end(outcomeOf(Buffer.concat(chunks), status, message)));
    stream.end(frame(service));
  });
}

function outcomeOf(body: Buffer, status: string | undefined, message: string): Outcome {
  if (status === UNIMPLEMENTED) {
    const lacks = 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)';
    return failure(`${lacks}: ${message}`);
  }
  if (status !== undefined && status !== '0') return failure(`error: health rpc probe failed: ${message}`);
  const state = STATES[stateIn(body.subarray(5))] ?? 'UNKNOWN';
  return state === 'SERVING' ? SUCCESS : failure(`service unhealthy (responded with ${JSON.stringify(state)})`);
}

/** A message of the wire: not compressed, its length, and the service as field 1. */
function frame(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Field 1, a small number; absent it is the first state. */
function stateIn(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
