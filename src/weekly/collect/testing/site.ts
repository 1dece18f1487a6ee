import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What answers at a path. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void;

/** A site on loopback, at whatever address of 127.0.0.0/8 it is asked, so that one may be many hosts. */
export class Site {
  readonly #server: Server;
  readonly #pages: Readonly<Record<string, Page>>;
  /** The requests that came, `path` and headers. */
  readonly requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  /** The most connections that were open at once. */
  mostConnections = 0;
  #connections = 0;
  readonly #isTls: boolean;

  constructor(pages: Readonly<Record<string, Page>>, tls?: { key: string; cert: string }) {
    this.#pages = pages;
    this.#isTls = tls !== undefined;
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
    this.#server.on('connection', (socket) => {
      this.mostConnections = Math.max(this.mostConnections, ++this.#connections);
      socket.on('close', () => this.#connections--);
      socket.on('error', () => undefined);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '0.0.0.0', 4096, resolve));
    return this;
  }

  /** The address of a path, at a host of 127.0.0.0/8. */
  url(path: string, host = '127.0.0.1'): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#isTls ? 'https' : 'http'}://${host}:${port}${path}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.requests.push({ path, headers: request.headers });
    const page = this.#pages[path] ?? this.#pages[path.replace(/\d+$/, 'N')];
    if (page === undefined) response.writeHead(404).end();
    else page(request, response);
  }
}

/** A feed of RSS with so many items. */
export function rssOf(title: string, count: number): string {
  const items = Array.from(
    { length: count },
    (_, at) =>
      `<item><guid isPermaLink="false">${title}-${at}</guid><title>${title}: story ${at}</title><link>http://stories.example/${at}</link><description>&lt;p&gt;What story ${at} is about, in a few words.&lt;/p&gt;</description><pubDate>Fri, 21 Oct 2022 10:00:00 GMT</pubDate></item>`,
  );
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${title}</title><link>http://stories.example/</link>${items.join('')}</channel></rss>`;
}

/** A body that never ends. */
export const endless: Page = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/rss+xml' });
  const chunk = Buffer.alloc(64 * 1024, '<item><title>again</title></item>');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  response.write('<rss><channel>');
  more();
};

/** A byte now and then. */
export function trickle(everyMs: number): Page {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/rss+xml' });
    response.write('<rss>');
    const timer = setInterval(() => response.write(' '), everyMs);
    response.on('close', () => clearInterval(timer));
  };
}

/** A redirect. */
export function redirect(status: number, location: string): Page {
  return (_, response) => response.writeHead(status, { location }).end('moved');
}
