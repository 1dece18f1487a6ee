// Who is connected to in the network of namespaces, on the ports that are given: a connection that sends one byte is reset, and one that sends
// more is told, when it has ended, how many bytes came.
import { createServer } from 'node:net';

const listening = process.argv.slice(2).map((port) => {
  const server = createServer({ allowHalfOpen: true }, serve);
  return new Promise((done) => server.listen(Number(port), '0.0.0.0', 4096, done));
});
await Promise.all(listening);
console.log('ready');

function serve(socket) {
  let bytes = 0;
  socket.on('data', (data) => {
    bytes += data.length;
    if (bytes === 1) socket.resetAndDestroy();
  });
  socket.on('end', () => socket.end(`${bytes}`));
  socket.on('error', () => {});
}
