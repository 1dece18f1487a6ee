import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { closeServer, listen } from '../testing/world.ts';
import { bodyDecoder } from './body-decoder.ts';
import { requestFraming } from './framing.ts';
import { HttpSyntaxError, parseRequestHead } from './head-parser.ts';
import { requestTarget } from './request-target.ts';

/** A request as a reader understood it: first line, headers in lower case, body. */
type Understood = readonly [string, readonly string[], string];

const MISTAKES = ['', '', '', ' ', '\t', '\r', '\n', '\0', '\x0b', ':', ',', ';', '\r\n', '\xff', '0', 'chunked'];
const HEADERS = [
  'Host: a',
  'host:b',
  'Content-Length: 4',
  'Content-Length: 0',
  'Content-Length: 4, 4',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Connection: keep-alive',
  'X-One: 1',
  ' folded',
];
const BODIES = ['', 'body', '4\r\nbody\r\n0\r\n\r\n', '4;x=y\r\nbody\r\n0\r\nX: y\r\n\r\n', '04\r\nbody\r\n00\r\n\r\n'];
const LINES = ['GET / HTTP/1.1', 'POST /a?b HTTP/1.1', 'POST http://c/ HTTP/1.1', 'GET /\xff HTTP/1.1'];

const message = fc
  .tuple(
    fc.constantFrom(...LINES),
    fc.array(fc.constantFrom(...HEADERS), { maxLength: 4 }),
    fc.constantFrom(...BODIES),
    fc.constantFrom(...MISTAKES),
    fc.nat({ max: 200 }),
  )
  .map(([line, headers, body, mistake, at]) => {
    const text = `${[line, 'Host: x', ...headers].join('\r\n')}\r\n\r\n${body}`;
    return `${text.slice(0, at)}${mistake}${text.slice(at)}`;
  });

/** What our reader understands of bytes, until it refuses or they end. */
function ours(bytes: Buffer): Understood[] {
  const all: Understood[] = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const end = bytes.indexOf('\r\n\r\n', at);
      if (end === -1) return all;
      const head = parseRequestHead(bytes.toString('latin1', at, end));
      requestTarget(head, undefined);
      let body = '';
      let ended = false;
      const decoder = bodyDecoder(requestFraming(head.headers, head.minor), {
        data: (chunk) => (body += chunk.toString('latin1')),
        end: () => {
          ended = true;
        },
      });
      at = decoder.push(bytes, end + 4);
      if (!ended) return all;
      all.push([`${head.method} ${head.target}`, head.headers.flat, body]);
    }
  } catch (error) {
    if (!(error instanceof HttpSyntaxError)) throw error;
  }
  return all;
}

/** What Node's reader understands of them. */
function theirs(port: number, seen: Understood[], bytes: Buffer): Promise<Understood[]> {
  seen.length = 0;
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => resolve([...seen]));
  });
}

/** Notes each request with all of its body. */
function noting(seen: Understood[]): Server {
  return createServer({ joinDuplicateHeaders: false }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text));
      seen.push([`${request.method} ${request.url}`, headers, Buffer.concat(chunks).toString('latin1')]);
      response.end();
    });
  }).on('clientError', (_error, socket: Socket) => socket.destroy());
}

test('what our reader of HTTP/1.1 takes, Node reads in the same way: no request hides in another', async (t) => {
  const seen: Understood[] = [];
  const server = noting(seen);
  t.after(() => closeServer(server));
  const port = await listen(server);
  let compared = 0;
  const property = fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 3 }), async (messages) => {
    const bytes = Buffer.from(messages.join(''), 'latin1');
    const understood = ours(bytes);
    if (understood.length === 0) return;
    const other = await theirs(port, seen, bytes);
    compared += Math.min(understood.length, other.length);
    assert.deepEqual(understood.slice(0, other.length), other.slice(0, understood.length));
  });
  await fc.assert(property, { numRuns: 400 });
  assert.ok(compared > 50, `only ${compared} requests were compared`);
});
