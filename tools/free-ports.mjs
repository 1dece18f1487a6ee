// Ports for servers of tests that must know theirs before they listen.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Below those of nodes, of which clusters listen on any (30000 and above), and those that Linux gives to connections as they come
 * (32768 and above): each of them may be taken before it is listened on.
 */
const [LOWEST, HIGHEST] = [10_240, 29_999];

const CLAIMS = new URL('../dist/network/pods/port-claim.js', import.meta.url);
/** Before the first build there is nothing to claim ports with: the oracle is built and started without one, too. */
const { claimPort } = existsSync(CLAIMS) ? await import(CLAIMS) : { claimPort: async () => ({ release() {} }) };

/** Those given: who was given one may listen on it later, so that it is free when another asks. */
const given = new Set();

/** A port at which nobody listens now, by TCP or UDP, and that is given once: by this process, and, on Linux, by all others meanwhile. */
export async function freePort() {
  const [port] = await freePorts(1);
  return port;
}

/** Several, which differ. */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (given.has(port)) continue;
    given.add(port);
    const claim = await claimPort(port);
    if (claim === undefined) continue;
    if (await isFree(port)) ports.add(port);
    else claim.release();
  }
  return [...ports];
}

async function isFree(port) {
  const server = createServer();
  const socket = createSocket('udp4');
  const [byTcp, byUdp] = await Promise.all([
    settled((done) => server.once('error', done).listen(port, '0.0.0.0', done)),
    settled((done) => socket.once('error', done).bind(port, '0.0.0.0', done)),
  ]);
  await Promise.all([
    ...(byTcp ? [new Promise((resolve) => server.close(resolve))] : []),
    new Promise((resolve) => socket.close(resolve)),
  ]);
  return byTcp && byUdp;
}

/** Whether it was done, and did not fail. */
function settled(begin) {
  return new Promise((resolve) => begin((error) => resolve(error === undefined)));
}
