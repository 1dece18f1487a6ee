// node inside.js PORT RELAY INWARD RESOLV_CONF COMMAND…: what runs beside an operator in its network namespace, and starts it.
//
// Sockets of the file system, which no network namespace divides, join it with the outside: RELAY leads from PORT here to the API server, and who
// connects to INWARD reaches ports of the operator. Questions for names get addresses that lead nowhere, and packets to these are watched; fd 3 tells
// of both. When the one who started it is gone, all of it ends.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { endAllWith } from '../left-over.ts';
import { inwardServer } from './inward.ts';
import { joinSockets } from './join-sockets.ts';
import type { Report } from './isolated-network.ts';
import { answerTo, questionIn } from './names.ts';
import { watchPackets } from './packet-watch.ts';

const REPORTS_FD = 3;
/** Of networks that are for documentation, and lead nowhere: what is sent there is dropped at the other end of a pair of interfaces. */
const NOWHERE = [
  'link set lo up',
  'link add nowhere type veth peer name void',
  'link set nowhere arp off',
  'link set void up',
  'addr add 198.51.100.1/24 dev nowhere',
  '-6 addr add 2001:db8::1/64 dev nowhere nodad',
  'link set nowhere up',
  'route add default dev nowhere',
  '-6 route add default dev nowhere',
];

const [port, relay, inward, resolvConf, command, ...args] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];

for (const line of NOWHERE) {
  try {
    execFileSync('ip', line.split(' '), { stdio: 'ignore' });
  } catch {
    if (line === NOWHERE[0]) throw new Error('the network namespace has no loopback');
    // without an interface nothing can leave either; attempts are then refused at once, and may not be seen
  }
}
if (existsSync('/etc/resolv.conf'))
  execFileSync('mount', ['--bind', resolvConf, '/etc/resolv.conf'], { stdio: 'ignore' });

const addresses = new Map<string, string>();

/** The address that stands for a name, one of 198.18.0.0/15, or of the machine itself for a Service. */
function addressFor(name: string): string {
  const known = addresses.get(name);
  if (known !== undefined) return known;
  const n = addresses.size + 1;
  // what it made is a part of the cluster, and is down: it is refused at once, so that nobody waits for it
  const network = /\.svc(\.|$)/.test(name) ? '127.18' : '198.18';
  const address = `${network}.${(n >> 8) & 255}.${n & 255}`;
  addresses.set(name, address);
  report({ name, address });
  return address;
}

function report(what: Report): void {
  writeSync(REPORTS_FD, `${JSON.stringify(what)}\n`);
}

const names = createSocket('udp4');
names.on('message', (message, { port: from, address }) => {
  const question = questionIn(message);
  if (question !== undefined) names.send(answerTo(message, question, addressFor(question.name)), from, address);
});
names.on('error', () => {});
names.bind(53, '127.0.0.1');

inwardServer('127.0.0.1').listen(inward);

const server = createServer((socket) => joinSockets(socket, connect(relay)));

const packets = await watchPackets('nowhere', (sent) => report({ sent }));
if (packets !== undefined) report({ isWatched: true });

server.listen(Number(port), '127.0.0.1', () => {
  const env = { ...process.env };
  if (env.NEKUBE_AUDIT_NODE_OPTIONS !== undefined) env.NODE_OPTIONS = env.NEKUBE_AUDIT_NODE_OPTIONS;
  delete env.NEKUBE_AUDIT_NODE_OPTIONS;
  const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', ({ message }) => {
    process.stderr.write(`it cannot be started: ${message}\n`);
    process.exit(127);
  });
  child.once('exit', (code, signal) => {
    packets?.look();
    if (signal !== null) process.stderr.write(`ended by ${signal}\n`);
    process.exit(code ?? 1);
  });
  // who started this is gone
  process.stdin.once('end', () => {
    child.kill('SIGKILL');
    const { NEKUBE_AUDIT_OPERATOR: mark } = process.env;
    if (mark !== undefined) endAllWith('NEKUBE_AUDIT_OPERATOR', mark);
    process.exit(1);
  });
  process.stdin.once('error', () => {}).resume();
});
// they are meant for the operator, which gets them as well, being of the same process group
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
