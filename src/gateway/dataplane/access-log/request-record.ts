import { hostname } from 'node:os';
import type { AccessLog, HttpRoute } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ServerStream } from '../http/message.ts';
import type { PlaneContext } from '../proxy/context.ts';
import type { Host } from '../upstream/host.ts';
import { compileFormat, type LineFormat, type LogFacts } from './format.ts';
import { lineFile } from './line-file.ts';

const formats = new WeakMap<AccessLog, LineFormat>();

/** Who they are is no business of a log. */
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

/** Envoy's flags, by the texts of answers of our own. */
const FLAGS: readonly (readonly [string, string])[] = [
  ['no healthy upstream', 'UH'],
  ['upstream request timeout', 'UT'],
  ['stream timeout', 'SI'],
  ['local_rate_limited', 'RL'],
  ['fault filter abort', 'FI'],
  ['reset reason: overflow', 'UO'],
  ['reset reason: remote connection failure', 'UF'],
  ['reset reason: protocol error', 'UPE'],
  ['upstream connect error', 'UC'],
];

type Fact = (record: RequestRecord, argument: string) => string | number | undefined;

const FACTS: Readonly<Record<string, Fact>> = {
  START_TIME: ({ startedMs }) => new Date(startedMs).toISOString(),
  PROTOCOL: ({ stream }) => stream.protocol,
  RESPONSE_CODE: ({ status }) => status,
  RESPONSE_FLAGS: ({ flags }) => flags,
  BYTES_RECEIVED: ({ bytesReceived }) => bytesReceived,
  BYTES_SENT: ({ bytesSent }) => bytesSent,
  DURATION: ({ durationMs }) => durationMs,
  REQ: (record, argument) => record.header(argument, record.stream.request.headers),
  REQUEST_HEADER: (record, argument) => record.header(argument, record.stream.request.headers),
  RESP: (record, argument) => record.header(argument, record.answer),
  RESPONSE_HEADER: (record, argument) => record.header(argument, record.answer),
  UPSTREAM_HOST: ({ host }) => host?.name,
  ROUTE_NAME: ({ route }) => route?.name,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ peer }) => peer,
  HOSTNAME: () => hostname(),
};

/** The operators that lines can have here. */
export const OPERATORS: ReadonlySet<string> = new Set(Object.keys(FACTS));

/** What is told of a request when it is over. */
export class RequestRecord implements LogFacts {
  readonly stream: ServerStream;
  readonly startedMs: number;
  readonly peer: string;
  route: HttpRoute | undefined;
  status = 0;
  answer: HeaderList | undefined;
  host: Host | undefined;
  flags: string | undefined;
  bytesReceived = 0;
  bytesSent = 0;
  durationMs = 0;
  readonly #began = performance.now();

  constructor(stream: ServerStream, peer: string, startedMs: number) {
    this.stream = stream;
    this.peer = peer;
    this.startedMs = startedMs;
  }

  /** An answer of our own. */
  replied(status: number, headers: HeaderList, body: string): void {
    this.status = status;
    this.answer = headers;
    const flag = FLAGS.find(([text]) => body.includes(text))?.[1];
    this.flags = flag ?? (status === 404 && this.route === undefined ? 'NR' : undefined);
  }

  value(operator: string, argument: string): string | number | undefined {
    return FACTS[operator]?.(this, argument);
  }

  /** The header that is named, or the one after `?`; what tells a secret has no value. */
  header(argument: string, headers: HeaderList | undefined): string | undefined {
    for (const name of argument.toLowerCase().split('?')) {
      const value = this.#one(name, headers);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Writes its lines. */
  write(logs: readonly AccessLog[], { onError }: PlaneContext): void {
    this.durationMs = Math.round(performance.now() - this.#began);
    if (this.status === 0) this.flags = 'DC';
    for (const log of logs) {
      if (log.sink.type !== 'File') continue;
      let format = formats.get(log);
      if (format === undefined) formats.set(log, (format = compileFormat(log.format)));
      lineFile(log.sink, onError).write(format(this));
    }
  }

  #one(name: string, headers: HeaderList | undefined): string | undefined {
    const { request } = this.stream;
    if (headers === request.headers) {
      if (name === ':method') return request.method;
      if (name === ':authority') return request.authority;
      if (name === ':path') return this.#path(request.path);
    }
    return this.#isSecret(name) ? undefined : headers?.get(name);
  }

  #isSecret(name: string): boolean {
    const { jwt, apiKeys } = this.route?.settings ?? {};
    const tokens = jwt?.providers.flatMap(({ from }) => from?.headers ?? []) ?? [];
    return (
      SECRET_HEADERS.has(name) ||
      tokens.some((one) => one.name.toLowerCase() === name) ||
      apiKeys?.from.some(({ header }) => header?.toLowerCase() === name) === true
    );
  }

  /** Without the values of parameters that are tokens or keys. */
  #path(path: string): string {
    const at = path.indexOf('?');
    if (at === -1) return path;
    const { jwt, apiKeys } = this.route?.settings ?? {};
    const names = new Set(['access_token', ...(jwt?.providers.flatMap(({ from }) => from?.params ?? []) ?? [])]);
    for (const { param } of apiKeys?.from ?? []) if (param !== undefined) names.add(param);
    const shown = path
      .slice(at + 1)
      .split('&')
      .map((pair) => {
        const name = pair.split('=', 1)[0]!;
        return names.has(decoded(name)) ? `${name}=-` : pair;
      });
    return `${path.slice(0, at)}?${shown.join('&')}`;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
