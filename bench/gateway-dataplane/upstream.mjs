// A backend that does nothing but answer, as fast as a socket can: upstream.mjs PORT
import { createServer } from 'node:net';

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
}).listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
