// Who connects in the network of namespaces: it is told by lines of JSON what to do, and answers each with one.
//
//   {"address", "port", "times"}             connects so often, one after another: microseconds until each was open
//   {"address", "port", "times", "atOnce"}   the same with so many at a time, each of which the server ends: how many a second
//   {"address", "port", "bytes"}             sends so much by one connection: bytes a second
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const WAIT_MS = 20_000;

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const work = order.bytes ? upload : order.atOnce ? many : oneByOne;
  const answer = await work(order).catch(({ message }) => ({ error: message }));
  console.log(JSON.stringify(answer));
}

async function oneByOne({ address, port, times }) {
  const microseconds = [];
  for (let i = 0; i < times; i++) {
    const { socket, took } = await open(address, port);
    // its port is free at once
    socket.resetAndDestroy();
    microseconds.push(took);
  }
  return { microseconds };
}

async function many({ address, port, times, atOnce }) {
  const from = performance.now();
  let started = 0;
  const worker = async () => {
    while (started++ < times) {
      const { socket } = await open(address, port);
      socket.write('x');
      await new Promise((done) => socket.once('close', done).on('error', () => {}));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { perSecond: (1000 * times) / (performance.now() - from) };
}

async function upload({ address, port, bytes }) {
  const { socket } = await open(address, port);
  const from = performance.now();
  const piece = Buffer.alloc(1 << 20, 'x');
  for (let sent = 0; sent < bytes; sent += piece.length)
    if (!socket.write(piece)) await new Promise((done) => socket.once('drain', done));
  socket.end();
  let text = '';
  for await (const data of socket) text += data;
  if (!(Number(text) >= bytes)) throw new Error(`${text} of ${bytes} bytes came`);
  return { perSecond: (1000 * Number(text)) / (performance.now() - from) };
}

/** A connection, and the microseconds until it was open. */
function open(host, port) {
  return new Promise((done, fail) => {
    const from = process.hrtime.bigint();
    const socket = connect({ host, port, noDelay: true });
    socket.setTimeout(WAIT_MS, () => socket.destroy(new Error(`no answer of ${host}:${port}`)));
    socket.once('error', fail);
    socket.once('connect', () => {
      const took = Number(process.hrtime.bigint() - from) / 1000;
      socket.off('error', fail);
      done({ socket, took });
    });
  });
}
