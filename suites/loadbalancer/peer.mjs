// Who speaks and who answers in a network of namespaces:
//
//   peer.mjs serve PORT                               answers whoever asks, by TCP and UDP, of both families
//   peer.mjs ask tcp|udp ADDRESS PORT TIMES BYTES     asks, sends as many bytes before, and prints what was said, as JSON
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6 } from 'node:net';

const WAIT_MS = 5000;
const [what, ...args] = process.argv.slice(2);
if (what === 'serve') await serve(Number(args[0]));
else console.log(JSON.stringify(await askAll(...args)));

async function serve(port) {
  const tcp = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = 0;
    socket.on('data', (data) => (bytes += data.length));
    socket.on('end', () =>
      socket.end(JSON.stringify(said(socket.remoteAddress, socket.localAddress, socket.localPort, bytes))),
    );
    socket.on('error', () => {});
  }).listen(port, '::');
  const udp = createSocket({ type: 'udp6', ipv6Only: false });
  udp.on('message', (data, { address, port: from }) => {
    udp.send(JSON.stringify(said(address, '', port, data.length)), from, address);
  });
  udp.bind(port, '::');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  console.log('ready');
}

function said(peer, self, port, bytes) {
  const plain = (address) => address.replace(/^::ffff:/, '');
  return { peer: plain(peer), self: plain(self), port, bytes };
}

async function askAll(protocol, address, port, times, bytes) {
  const answers = [];
  for (let i = 0; i < Number(times); i++) {
    const ask = protocol === 'tcp' ? askTcp : askUdp;
    answers.push(
      await ask(address, Number(port), Number(bytes)).catch(({ code, message }) => ({ error: code ?? message })),
    );
  }
  return answers;
}

async function askTcp(host, port, bytes) {
  const socket = connect({ host, port });
  socket.setTimeout(WAIT_MS, () => socket.destroy(new Error('no answer')));
  await once(socket, 'connect');
  const from = socket.remoteAddress;
  socket.end(Buffer.alloc(bytes, 'x'));
  let text = '';
  for await (const data of socket) text += data;
  return { ...JSON.parse(text), from };
}

/** Of a connected socket, which takes answers of the address alone that was asked. */
async function askUdp(address, port, bytes) {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
    socket.send(Buffer.alloc(Math.max(1, bytes), 'x'));
    const [data] = await once(socket, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
    return { ...JSON.parse(data), from: address };
  } finally {
    socket.close();
  }
}
