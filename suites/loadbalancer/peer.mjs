// Who speaks and who answers in one network namespace. It is told what to do by lines of JSON on its standard input, answers each by a
// line with the same `id`, and ends when its input does: whoever started it has ended then.
//
//   {"id": 1, "do": "serve", "port": 8080}                     answers whoever asks, by TCP and UDP, of both families
//   {"id": 2, "do": "ask", "protocol": "tcp", "address": …}    asks, and tells what was said
//   {"id": 3, "do": "open", …}, then "say" and "shut"          keeps a flow, and asks by it
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6 } from 'node:net';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';

const WAIT_MS = Number(process.env.NEKUBE_PEER_WAIT_MS ?? 40_000);
/** As much is written at once; its bytes have no pattern that a lost or doubled piece would hide in. */
const PIECE = piece(65_536);
const servers = new Map();
const flows = new Map();
let opened = 0;

function piece(length) {
  const bytes = Buffer.alloc(length);
  let state = 0x9e3779b9;
  for (let at = 0; at < length; at += 4) {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
}

/** What each of the pieces of a transfer is; its last one may be shorter. */
function* pieces(length) {
  for (let at = 0; at < length; at += PIECE.length) yield PIECE.subarray(0, Math.min(PIECE.length, length - at));
}

class Sum {
  bytes = 0;
  crc = 0;

  add(data) {
    this.bytes += data.length;
    this.crc = crc32(data, this.crc);
  }
}

function sumOf(length) {
  const sum = new Sum();
  for (const one of pieces(length)) sum.add(one);
  return sum;
}

async function send(socket, length) {
  for (const one of pieces(length)) if (!socket.write(one)) await once(socket, 'drain');
}

// ---------------------------------------------------------------------------------------------------------------- who answers

async function serve({ port, host }) {
  const sockets = new Set();
  const tcp = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    answer(socket, host).catch(() => socket.destroy());
  }).listen(port, '::');
  const udp = createSocket({ type: 'udp6', ipv6Only: false });
  udp.on('message', (data, { address, port: from }) => {
    const sum = new Sum();
    sum.add(data);
    udp.send(JSON.stringify(said(address, '', port, sum, { host })), from, address, () => {});
  });
  udp.bind(port, '::');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  servers.set(port, () => {
    tcp.close();
    udp.close();
    for (const socket of sockets) socket.destroy();
  });
  return {};
}

/** A line of JSON says what is wanted; then lines are answered one by one, or all that comes is summed up, and as much sent as was asked for. */
async function answer(socket, host) {
  socket.on('error', () => {});
  let head = Buffer.alloc(0);
  const sum = new Sum();
  let wanted;
  const speak = (extra) => said(socket.remoteAddress, socket.localAddress, socket.localPort, sum, { host, ...extra });
  // the other half goes on
  for await (let data of socket.iterator({ destroyOnReturn: false })) {
    if (wanted?.talk || wanted === undefined) {
      head = Buffer.concat([head, data]);
      let end = head.indexOf(10);
      for (; end >= 0 && (wanted === undefined || wanted.talk); end = head.indexOf(10)) {
        const line = head.subarray(0, end);
        head = head.subarray(end + 1);
        if (wanted === undefined) wanted = JSON.parse(line);
        else socket.write(`${JSON.stringify(speak({ line: `${line}` }))}\n`);
      }
      if (wanted === undefined || wanted.talk) continue;
      data = head;
    }
    sum.add(data);
  }
  if (wanted?.talk) return socket.end();
  socket.write(`${JSON.stringify(speak())}\n`);
  await send(socket, wanted?.download ?? 0);
  socket.end();
}

function plain(address) {
  return address.replace(/^::ffff:/, '');
}

function said(peer, self, port, { bytes, crc }, extra) {
  return { peer: plain(peer), self: plain(self), port, bytes, crc, ...extra };
}

// ------------------------------------------------------------------------------------------------------------------- who asks

async function ask({ times = 1, atOnce = 1, stopsAtError = false, ...wanted }) {
  const answers = [];
  const one = wanted.protocol === 'tcp' ? askTcp : askUdp;
  const worker = async () => {
    while (answers.length < times && !(stopsAtError && answers.some((answer) => answer?.error))) {
      const at = answers.push(undefined) - 1;
      answers[at] = await one(wanted).catch(({ code, message }) => ({ error: code ?? message }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

async function connected({ address, port, localPort, waitMs = WAIT_MS }) {
  const socket = connect({ host: address, port, localPort });
  socket.setTimeout(waitMs, () => socket.destroy(new Error('no answer')));
  await once(socket, 'connect');
  return socket;
}

async function askTcp(wanted) {
  const { bytes = 0, download = 0 } = wanted;
  const socket = await connected(wanted);
  const from = socket.remoteAddress;
  const { localPort } = socket;
  const reading = readAnswer(socket);
  socket.write(`${JSON.stringify({ download })}\n`);
  await Promise.race([send(socket, bytes), reading]);
  socket.end();
  const { first, sum } = await reading;
  const [sent, taken] = [sumOf(bytes), sumOf(download)];
  const isWhole = first.bytes === sent.bytes && first.crc === sent.crc;
  const isWholeBack = sum.bytes === taken.bytes && sum.crc === taken.crc;
  return { ...first, from, localPort, isWhole: isWhole && isWholeBack, downloaded: sum.bytes };
}

/** The first line, and the sum of what comes behind it. */
async function readAnswer(socket) {
  let head = Buffer.alloc(0);
  let first;
  const sum = new Sum();
  for await (let data of socket) {
    if (first === undefined) {
      head = Buffer.concat([head, data]);
      const end = head.indexOf(10);
      if (end < 0) continue;
      first = JSON.parse(head.subarray(0, end));
      data = head.subarray(end + 1);
    }
    sum.add(data);
  }
  if (first === undefined) throw new Error('the connection ended without an answer');
  return { first, sum };
}

/** By a connected socket, which takes answers from the address alone that was asked, and hears of errors. */
async function askUdp(wanted) {
  const flow = await openUdp(wanted);
  try {
    return await flow.say(wanted);
  } finally {
    flow.shut();
  }
}

async function openUdp({ address, port, localPort, unconnected = false }) {
  // a port that is named may be that of several flows, as with TCP
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', reuseAddr: localPort !== undefined });
  if (localPort !== undefined) {
    socket.bind(localPort);
    await once(socket, 'listening');
  }
  if (!unconnected) {
    socket.connect(port, address);
    await once(socket, 'connect');
  }
  const to = unconnected ? [port, address] : [];
  return {
    async say({ bytes = 0, hex, tries = 1, waitMs = WAIT_MS }) {
      const data = hex === undefined ? Buffer.alloc(Math.max(1, bytes), PIECE) : Buffer.from(hex, 'hex');
      for (let left = tries; ; left--) {
        const heard = once(socket, 'message', { signal: AbortSignal.timeout(waitMs) });
        // what is too big for the way is refused here, as soon as the way is known
        socket.send(data, ...to, (error) => error && socket.emit('error', error));
        try {
          const [text, { address: from }] = await heard;
          const answered = JSON.parse(text);
          const isWhole = answered.bytes === data.length && answered.crc === crc32(data);
          return { ...answered, from: plain(from), localPort: socket.address().port, isWhole };
        } catch (error) {
          if (left <= 1) throw error.name === 'AbortError' ? new Error('no answer') : error;
        }
      }
    },
    shut: () => socket.close(),
  };
}

async function openTcp(wanted) {
  const socket = await connected(wanted);
  const { remoteAddress: from, localPort } = socket;
  // between what is said it may be quiet for as long as it likes
  socket.setTimeout(0);
  socket.write(`${JSON.stringify({ talk: true })}\n`);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  let broken;
  socket.on('error', (error) => (broken = error));
  return {
    async say({ line = 'and', waitMs = WAIT_MS }) {
      socket.setTimeout(waitMs);
      socket.write(`${line}\n`);
      const { value, done } = await lines.next();
      socket.setTimeout(0);
      if (broken || done) throw broken ?? new Error('the connection ended');
      return { ...JSON.parse(value), from, localPort };
    },
    shut: () => socket.destroy(),
  };
}

// --------------------------------------------------------------------------------------------------------- what it is told to do

const ORDERS = {
  serve,
  hush: ({ port }) => {
    servers.get(port)?.();
    servers.delete(port);
    return {};
  },
  ask,
  open: async (wanted) => {
    flows.set(++opened, await (wanted.protocol === 'tcp' ? openTcp : openUdp)(wanted));
    return { flow: opened };
  },
  say: ({ flow, ...wanted }) => flows.get(flow).say(wanted),
  shut: ({ flow }) => {
    flows.get(flow)?.shut();
    flows.delete(flow);
    return {};
  },
};

async function obey(text) {
  const { id, do: order, ...wanted } = JSON.parse(text);
  try {
    return { id, result: await ORDERS[order](wanted) };
  } catch (error) {
    return { id, error: error.code ?? error.message };
  }
}

// a server that was told to be quiet may still have something to say to who is gone
process.on('uncaughtException', (error) => process.stderr.write(`peer: ${error.stack}\n`));
const orders = createInterface({ input: process.stdin });
orders.on('line', async (line) => process.stdout.write(`${JSON.stringify(await obey(line))}\n`));
orders.on('close', () => process.exit(0));
