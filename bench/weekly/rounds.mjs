// Feeds as objects of one nekube server, polled by the newsroom's controllers in a process of their own: how long until all were read, what was
// written, the memory of both processes, and whether ten hostile feeds hold up the others.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, each } from 'nekube/client';
import { FEED, installWeekly, STORY } from 'nekube/weekly';
import { startNekube } from '../../suites/servers.mjs';
import { cpuMs, residentMb } from '../processes.mjs';
import { printTable, short } from '../table.mjs';

const HOSTILE = ['silent', 'trickle', 'endless', 'loop', 'bomb', 'entities', 'silent', 'trickle', 'endless', 'bomb'];
const HOUR_MS = 3_600_000;
/** Nothing was written for so long: it is over. */
const QUIET_MS = 3000;

/** Measures rounds over feeds that are objects. */
export async function benchNewsroom(count, timeoutMs) {
  const site = fork(fileURLToPath(new URL('site.mjs', import.meta.url)));
  const [{ url: origin }] = await once(site, 'message');
  const server = await startNekube();
  const client = await connect({ kubeconfig: server.kubeconfig });
  try {
    await installWeekly(client);
    const at = (path, group, host) =>
      `${origin.replace('127.0.0.1', `127.${group}.${host >> 8}.${host & 255 || 1}`)}/${path}`;
    const subscribe = (feeds) =>
      each(feeds, 16, ([name, url]) =>
        client.create({
          apiVersion: FEED.apiVersion,
          kind: FEED.kind,
          metadata: { name, namespace: 'default' },
          spec: { url },
        }),
      );
    const rows = [];
    const measure = async (name, aheadMs, expected) => {
      rows.push([name, ...(await round(client, server, { aheadMs, timeoutMs, expected }))]);
      console.error(rows.at(-1).join('  '));
    };
    await subscribe(Array.from({ length: count }, (_, i) => [`own-${i}`, at(`own-${i}`, 1, i)]));
    await measure(`${count} feeds, read`, 0, count);
    await measure('asked again (304)', 3 * HOUR_MS, count);
    await subscribe(HOSTILE.map((kind, i) => [`${kind}-${i}`, at(`${kind}-${i}`, 2, i)]));
    await measure(`with ${HOSTILE.length} hostile feeds`, 6 * HOUR_MS, count);
    const { items } = await client.list(STORY, { namespace: 'default' });
    printTable([
      ['', 'clock', 'last sound feed', 'all written', 'writes/s', 'CPU', 'memory', 'CPU of server', 'its memory'],
      ...rows,
    ]);
    console.log(`${items.length} stories`);
  } finally {
    await client.close();
    await server.stop();
    site.disconnect();
  }
}

async function round(client, server, { aheadMs, timeoutMs, expected }) {
  const revision = async () =>
    Number((await client.list(FEED, { namespace: 'default', limit: 1 })).metadata.resourceVersion);
  const [before, serverCpu, start] = [await revision(), cpuMs([server.pid]), performance.now()];
  const newsroom = fork(fileURLToPath(new URL('newsroom.mjs', import.meta.url)), [
    server.kubeconfig,
    `${aheadMs}`,
    `${timeoutMs}`,
  ]);
  let [sound, lastSound, peak, serverPeak] = [0, 0, 0, 0];
  newsroom.on('message', ({ read }) => {
    if (!read.startsWith('own-')) return;
    sound++;
    lastSound = performance.now() - start;
  });
  let [last, lastAt] = [before, performance.now()];
  while (sound < expected || performance.now() - lastAt < QUIET_MS) {
    await sleep(250);
    peak = Math.max(peak, residentMb([newsroom.pid]));
    serverPeak = Math.max(serverPeak, residentMb([server.pid]));
    const now = await revision();
    if (now !== last) [last, lastAt] = [now, performance.now()];
  }
  const clock = lastAt - start;
  const cpu = cpuMs([newsroom.pid]);
  const ended = once(newsroom, 'exit');
  newsroom.disconnect();
  await ended;
  const seconds = (ms) => `${short(ms / 1000)} s`;
  return [
    seconds(clock),
    seconds(lastSound),
    `${last - before}`,
    short(((last - before) / clock) * 1000),
    seconds(cpu),
    `${short(peak)} MB`,
    seconds(cpuMs([server.pid]) - serverCpu),
    `${short(serverPeak)} MB`,
  ];
}
