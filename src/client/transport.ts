/** A request to an API server, below all that Kubernetes means by it. */
export interface TransportRequest {
  readonly method: string;
  /** The target: an escaped path that begins with a slash, and the query. */
  readonly path: string;
  /** By names in lower case, one line for each value; their characters are bytes (latin1), as everywhere in Node. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Aborted: the request is given up, also while its answer is read. */
  readonly signal?: AbortSignal;
}

/** The answer, as soon as its head is there. */
export interface TransportResponse {
  readonly status: number;
  /** By names in lower case; a name that came several times has a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Must be read to its end, or destroyed by ending the iteration: it holds a connection. Rejects if that breaks. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * How requests reach an API server: over the network, or in this process. What is between a client and its server
 * (faults in tests, a log of requests) is a transport around a transport.
 */
export interface Transport {
  /** The server, as a URL without a slash at its end; for messages. */
  readonly url: string;
  /** Rejects when there is no answer; an answer of failure is an answer. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Gives up what is on its way and closes all connections. */
  close(): Promise<void>;
}
