// relay.mjs PORT SOCKET: in a network namespace, what connects to that port of 127.0.0.1 speaks with the socket, which is of no namespace.
import { connect, createServer } from 'node:net';
import { joinSockets } from './join.mjs';

const [port, socket] = process.argv.slice(2);
relay(createServer(), () => connect(socket)).listen(Number(port), '127.0.0.1', () => console.log('ready'));
// it ends with the process that has started it
process.stdin.on('end', () => process.exit()).resume();

function relay(server, open) {
  return server.on('connection', (near) => {
    joinSockets(near, open());
  });
}
