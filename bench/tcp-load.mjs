// Messages and connections of TCP with as little work as possible, so that who loads takes less than what is loaded: what is read goes
// into one buffer, and only every 16th message is timed.
import { connect } from 'node:net';

const MESSAGE = Buffer.alloc(64, 'x');
const TIMED = 16;

/** Sends 64 bytes over each connection again and again, as soon as 64 came back; gives how many times, and latencies in ms. */
export async function loadMessages({ port, connections, ms }) {
  const until = performance.now() + ms;
  const latencies = [];
  const counts = await Promise.all(
    Array.from({ length: connections }, () => messages({ port, isOver: () => performance.now() >= until, latencies })),
  );
  return { count: counts.reduce((sum, count) => sum + count, 0), ...percentiles(latencies) };
}

/** Opens connections, each for one message, so many at a time; gives how many, and how long each took in ms. */
export async function loadConnections({ port, connections, ms }) {
  const until = performance.now() + ms;
  const latencies = [];
  const one = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      await messages({ port, isOver: () => true, latencies: [] });
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { count: latencies.length, ...percentiles(latencies) };
}

/** One connection, until it is over after a message; gives how many came back. */
function messages({ port, isOver, latencies }) {
  return new Promise((resolve, reject) => {
    let [got, count, began] = [0, 0, 0];
    const callback = (length) => {
      got += length;
      if (got < MESSAGE.length) return true;
      got = 0;
      count++;
      if (count % TIMED === 0) {
        const now = performance.now();
        latencies.push(now - began);
        began = now;
      } else if (count % TIMED === TIMED - 1) began = performance.now();
      // the clock is read as seldom as that
      if ((count % TIMED === 0 || count === 1) && isOver()) socket.destroy();
      else socket.write(MESSAGE);
      return true;
    };
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: SHARED, callback } });
    socket.on('connect', () => socket.write(MESSAGE));
    socket.on('error', reject);
    socket.on('close', () => (count > 0 ? resolve(count) : reject(new Error('a connection was closed'))));
  });
}

/** One socket is read after the other. */
const SHARED = Buffer.alloc(65_536);

function percentiles(latencies) {
  latencies.sort((a, b) => a - b);
  return { p50: latencies[latencies.length >> 1], p99: latencies[Math.floor(latencies.length * 0.99)] };
}
