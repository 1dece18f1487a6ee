import type { Transport, TransportRequest, TransportResponse } from '../transport.ts';

/** What a script says to a request: an answer, or that there is none. */
export type Scripted =
  | {
      readonly status?: number;
      readonly headers?: TransportResponse['headers'];
      /** Text, a value that becomes JSON, or pieces as they come. */
      readonly body?: unknown;
      readonly pieces?: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
    }
  | Error;

/** A transport that answers from a list, and remembers what it was asked. */
export class ScriptedTransport implements Transport {
  readonly url = 'https://server.test:6443';
  readonly requests: TransportRequest[] = [];
  closed = false;
  readonly #script: ((request: TransportRequest) => Scripted)[];

  constructor(...script: (Scripted | ((request: TransportRequest) => Scripted))[]) {
    this.#script = script.map((entry) => (typeof entry === 'function' ? entry : () => entry));
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    this.requests.push(request);
    const next = this.#script.shift();
    if (next === undefined) throw new Error(`the script has no answer for ${request.method} ${request.path}`);
    const said = next(request);
    if (said instanceof Error) throw said;
    const { status = 200, headers = { 'content-type': 'application/json' } } = said;
    return { status, headers, body: piecesOf(said) };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

async function* piecesOf(said: Exclude<Scripted, Error>): AsyncGenerator<Uint8Array> {
  const { body = {}, pieces = [typeof body === 'string' ? body : JSON.stringify(body)] } = said;
  for await (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}
