// Requests of HTTP/1.1 over connections that are kept, one at a time on each, with as little work as possible: an answer
// is over when it ends as the first did (its last eight bytes must stand nowhere else).
import { connect } from 'node:net';

/** Loads `host:port` for a time; gives how many requests were answered, and the latencies in ms. */
export async function load({ host = '127.0.0.1', port, connections, ms, path = '/', headers = '' }) {
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench\r\nAccept: */*\r\n${headers}\r\n`,
  );
  const text = await first({ host, port, request });
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`the answer is no 200: ${text.slice(0, 200)}`);
  const tail = Buffer.from(text.slice(-8), 'latin1');
  const until = performance.now() + ms;
  const latencies = [];
  await Promise.all(Array.from({ length: connections }, () => one({ host, port, request, tail, until, latencies })));
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    p50: latencies[latencies.length >> 1],
    p99: latencies[Math.floor(latencies.length * 0.99)],
  };
}

/** One request; the answer has to be whole in 20 ms after its beginning. */
function first({ host, port, request }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => socket.write(request));
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      if (text === '') setTimeout(() => socket.destroy(), 20);
      text += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(text));
  });
}

function one({ host, port, request, tail, until, latencies }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let began = 0;
    const send = () => {
      began = performance.now();
      if (began >= until) {
        socket.destroy();
        return;
      }
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      if (!chunk.subarray(-8).equals(tail)) return;
      latencies.push(performance.now() - began);
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => (performance.now() >= until ? resolve() : reject(new Error('a connection was closed'))));
  });
}
