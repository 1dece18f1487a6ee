import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { EmbeddedDataPlane } from '../embedded-data-plane.ts';
import { LISTENER, type ModelParts, modelOf } from './models.ts';

/** A data plane that serves one model. */
export interface World {
  readonly plane: EmbeddedDataPlane;
  readonly port: number;
  /** Makes another model what is served, at the same port. */
  update(parts: ModelParts): void;
}

/** Starts a data plane with one listener, until the test ends. What goes wrong within it fails the test. */
export async function startWorld(t: TestContext, parts: ModelParts): Promise<World> {
  const errors: unknown[] = [];
  const plane = new EmbeddedDataPlane({ random: () => 0.5, tickMs: 20, onError: (error) => errors.push(error) });
  t.after(async () => {
    await plane.close();
    if (errors.length > 0) throw errors[0];
  });
  plane.update(modelOf(parts));
  await bound(plane);
  const port = plane.portOf(LISTENER) ?? 0;
  return { plane, port, update: (next) => plane.update(modelOf(next)) };
}

/** Waits until all listeners are bound or refused. */
export async function bound(plane: EmbeddedDataPlane): Promise<void> {
  const done = (): boolean => [...plane.state().gateways.values()].every(({ programmed }) => programmed);
  if (done()) return;
  await new Promise<void>((resolve) => {
    const stop = plane.onState(() => {
      if (!done()) return;
      stop();
      resolve();
    });
  });
}

/** Has a server listen on any port of this machine. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What the echo server answers: what it was asked. */
export interface Echo {
  readonly server: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A backend of HTTP/1.1, until the test ends; without `handle` it answers what it was asked. */
export async function startBackend(
  t: TestContext,
  name: string,
  handle?: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<number> {
  const server = createServer((incoming, response) => {
    readText(incoming).then(
      (body) => {
        if (handle !== undefined) handle(incoming, response, body);
        else {
          const { method, url, headers } = incoming;
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ server: name, method, url, headers, body }));
        }
      },
      () => response.destroy(),
    );
  });
  t.after(() => closeServer(server));
  return listen(server);
}

/** Closes a server with all of its connections. */
export function closeServer(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}

/** The answer to a test's request. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly echo: Echo;
}

/** Makes a request on a connection of its own. */
export function ask(
  port: number,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string | string[]>;
    readonly body?: string;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (incoming) => {
      readText(incoming).then((text) => {
        const answer = { status: incoming.statusCode!, headers: incoming.headers, body: text };
        resolve({
          ...answer,
          get echo(): Echo {
            return JSON.parse(text) as Echo;
          },
        });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** All of a stream as text; rejects if it breaks off. */
export async function readText(stream: IncomingMessage | Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits until something holds, looking at it again and again; what does not in a minute never will. */
export async function eventually(what: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await what())) {
    if (performance.now() > until) throw new Error(`it does not come to that: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
