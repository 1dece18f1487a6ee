// Backends that do nothing but answer, as fast as a socket can: upstream.mjs HTTP-PORT ECHO-PORT
import { createServer } from 'node:net';

const [http, echo] = process.argv.slice(2).map(Number);
const body = JSON.stringify({ hello: 'world', padding: 'x'.repeat(100) });
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sun, 29 Nov 2026 00:00:00 GMT\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
      rest = rest.slice(end + 4);
      socket.write(answer);
    }
  });
}).listen({ port: http, host: '127.0.0.1', backlog: 4096 });
createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => socket.write(chunk));
}).listen({ port: echo, host: '127.0.0.1', backlog: 4096 });
process.on('SIGTERM', () => process.exit(0));
