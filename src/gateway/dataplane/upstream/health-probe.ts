import type { Socket } from 'node:net';
import { framed } from 'nekube/grpc';
import { ProtoReader, ProtoWriter, VARINT } from 'nekube/protobuf';
import type { HealthCheck } from '../../model/index.ts';
import { HeaderList } from '../http/header-list.ts';
import { Http1Client } from '../http/http1-client.ts';
import { Http2Client } from '../http/http2-client.ts';
import type { RequestMessage } from '../http/message.ts';
import type { Sweeper } from '../http/sweeper.ts';
import { whenLate } from '../http/when-late.ts';
import { firstMessage, grpcHead } from '../proxy/grpc-call.ts';
import { type ConnectOptions, openConnection } from './connect.ts';
import type { CheckResult } from './health-record.ts';

/** Whom to ask, and how. */
export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  /** For requests that have no host of their own. */
  readonly authority: string;
  readonly options: ConnectOptions;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  readonly sweeper: Sweeper;
}

const MOST_ANSWER_BYTES = 65_536;
const SERVING = 1;

/** Asks an endpoint once, on a connection of its own. Calls back once. @returns what ends it; nothing is called back then */
export function probe(target: ProbeTarget, check: HealthCheck, done: (result: CheckResult) => void): () => void {
  let socket: Socket | undefined;
  let over = false;
  const stop = (): void => {
    over = true;
    cancel();
    socket?.destroy();
  };
  const finish = (result: CheckResult): void => {
    if (over) return;
    stop();
    done(result);
  };
  const cancel = whenLate(check.timeoutMs, () => finish('silent'), { keepsProcess: false });
  const connecting = openConnection(target.address, target.port, { ...target.options, timeoutMs: check.timeoutMs });
  connecting.done.then(
    (opened) => {
      socket = opened;
      if (over) opened.destroy();
      else if (check.check.type === 'TCP') askTcp(opened, check.check, finish);
      else {
        try {
          askHttp(opened, target, check.check, connecting.protocol(), finish);
        } catch {
          // it is closing already, or the question is none that it can be asked
          finish('silent');
        }
      }
    },
    () => finish('silent'),
  );
  return stop;
}

function askTcp(
  socket: Socket,
  { send, receive }: Extract<HealthCheck['check'], { type: 'TCP' }>,
  finish: (result: CheckResult) => void,
): void {
  if (send !== undefined) socket.write(send);
  if (receive === undefined) return finish('well');
  const wanted = Buffer.from(receive);
  let bytes: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.includes(wanted)) finish('well');
    else if (bytes.length > MOST_ANSWER_BYTES) finish('wrong');
  });
  socket.on('close', () => finish('silent'));
  socket.resume();
}

type HttpCheck = Exclude<HealthCheck['check'], { type: 'TCP' }>;

function askHttp(
  socket: Socket,
  target: ProbeTarget,
  check: HttpCheck,
  agreed: ProbeTarget['protocol'] | undefined,
  finish: (result: CheckResult) => void,
): void {
  const owner = { sweeper: target.sweeper, idleTimeoutMs: Number.POSITIVE_INFINITY, idle: () => {}, gone: () => {} };
  const http2 = check.type === 'GRPC' || (agreed ?? target.protocol) === 'HTTP/2';
  const connection = http2
    ? new Http2Client(socket, target.options.tls === undefined ? 'http' : 'https', owner)
    : new Http1Client(socket, owner);
  const body = check.type === 'GRPC' ? framed(healthRequest(check.service ?? '')) : Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stream = connection.request(messageOf(check, target), body.length === 0, {
    head: ({ status, headers }, ended) => {
      if (check.type === 'HTTP') finish((check.expectedStatuses ?? [200]).includes(status) ? 'well' : 'wrong');
      else if (ended || status !== 200 || headers.has('grpc-status')) finish('wrong');
    },
    data: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_ANSWER_BYTES) finish('wrong');
    },
    end: (trailers) => {
      const good = trailers?.first('grpc-status') === '0' && statusOf(Buffer.concat(chunks)) === SERVING;
      finish(good ? 'well' : 'wrong');
    },
    drain: () => {},
    failed: () => finish('silent'),
  });
  if (body.length === 0) return;
  stream.write(body);
  stream.end();
}

function messageOf(check: HttpCheck, { authority }: ProbeTarget): RequestMessage {
  if (check.type === 'HTTP') {
    const headers = new HeaderList(['user-agent', 'Envoy/HC']);
    return { method: check.method ?? 'GET', authority: check.hostname ?? authority, path: check.path, headers };
  }
  const head = grpcHead(authority, '/grpc.health.v1.Health/Check');
  head.headers.append('user-agent', 'Envoy/HC');
  return head;
}

/** The bytes of a `grpc.health.v1.HealthCheckRequest`. */
function healthRequest(service: string): Buffer {
  const writer = new ProtoWriter();
  if (service !== '') {
    writer.string(service);
    writer.close(1, 0);
  }
  return writer.finish();
}

/** The status in a `HealthCheckResponse`; undefined: it is none. */
function statusOf(body: Buffer): number | undefined {
  try {
    const reader = new ProtoReader(firstMessage(body) ?? body.subarray(0, 0));
    let status: number | undefined;
    while (!reader.done) {
      const tag = reader.varint();
      if (tag === 8 + VARINT) status = reader.varint();
      else reader.skip(tag % 8);
    }
    return status;
  } catch {
    return undefined;
  }
}
