// What policies cost an apply that they are not about: the same applies on three servers of this process, side by side, in
// turns of CPU time: without the kinds of policies, with 100 that are about other applies, and with 100 that are about other
// fields of the same objects (which only a conflict would tell).
//
//   npm run bench -- policies [--quick] [--turns N]
import { parseArgs } from 'node:util';
import { start } from 'nekube/envtest';
import { API_VERSION, DEFINITIONS } from 'nekube/fieldpolicy';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, turns: { type: 'string' } },
});
const turns = Number(options.turns ?? (options.quick ? 40 : 400));
const APPLIES = 25;
const POLICIES = 100;
const NAMESPACE = 'default';

const labels = { app: 'a' };
const deployment = (replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', namespace: NAMESPACE },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          { name: 'app', image: 'web:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
          { name: 'proxy', image: 'proxy:1', ports: [{ containerPort: 81 }] },
        ],
      },
    },
  },
});

const policy = (i, match) => ({
  apiVersion: API_VERSION,
  kind: 'ClusterFieldPolicy',
  metadata: { name: `policy-${i}` },
  spec: { decision: 'Yield', match },
});

/** What policies match, by the name of a row. */
const rows = {
  'no policies': undefined,
  [`${POLICIES} policies about other applies`]: (i) => ({
    resources: [{ group: 'apps', kinds: [i % 2 === 0 ? 'StatefulSet' : 'Deployment'] }],
    ...(i % 2 === 1 && { managers: [`controller-${i}`] }),
    fields: ['.spec.replicas'],
  }),
  [`${POLICIES} policies about other fields`]: (i) => ({
    resources: [{ group: 'apps', kinds: ['Deployment'] }],
    fields: [`.metadata.annotations["example.com/${i}"]`],
  }),
};

async function serverOf(match) {
  const environment = await start({ level: 'fake', crds: match ? DEFINITIONS : [] });
  const { client } = environment;
  if (match) for (let i = 0; i < POLICIES; i++) await client.create(policy(i, match(i)));
  await client.apply(deployment(0), { fieldManager: 'bench' });
  return environment;
}

let replicas = 0;

/** The CPU time of an apply, in microseconds. */
async function turn({ client }) {
  const began = process.cpuUsage();
  for (let i = 0; i < APPLIES; i++) await client.apply(deployment(++replicas), { fieldManager: 'bench' });
  const { user, system } = process.cpuUsage(began);
  return (user + system) / APPLIES;
}

const servers = [];
for (const match of Object.values(rows)) servers.push(await serverOf(match));
for (let i = 0; i < 20; i++) for (const server of servers) await turn(server);
const times = servers.map(() => []);
const ratios = servers.map(() => []);
for (let i = 0; i < turns; i++) {
  // who comes first changes, as does whose garbage is collected by whom
  const order = servers.map((_, j) => (i + j) % servers.length);
  const round = [];
  for (const j of order) round[j] = await turn(servers[j]);
  for (const [j, time] of round.entries()) {
    times[j].push(time);
    ratios[j].push(time / round[0]);
  }
}
printTable([
  ['', 'CPU of an apply', 'against none, median of turns'],
  ...Object.keys(rows).map((name, j) => [name, `${short(median(times[j]))} µs`, median(ratios[j]).toFixed(3)]),
]);
for (const server of servers) await server.stop();
