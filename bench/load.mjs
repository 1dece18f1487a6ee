// The loads that servers are measured with. Each is {name, prepare(client), run(client)}; a run gives a number of
// which more is better (per second).
import { each, rate } from './client.mjs';

/** About a kilobyte. */
const kilobyte = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key${i}`, 'x'.repeat(100)]));

const configMaps = (namespace) => `/api/v1/namespaces/${namespace}/configmaps`;
const configMap = (name, data = kilobyte) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

const containers = [
  { name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
  { name: 'd', image: 'side' },
];

function deployment(name) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template },
  };
}

/** Makes a namespace, unless it is there. */
export async function ensureNamespace(client, name) {
  const answer = await client.send('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  if (answer.code !== 201 && answer.code !== 409) throw new Error(`namespace: ${answer.code} ${answer.text}`);
}

/** Makes `count` objects of a kilobyte in a namespace; gives how many a second. */
export async function fill(client, namespace, count, connections) {
  await ensureNamespace(client, namespace);
  const began = performance.now();
  await each(connections, count, (i) => client.must('POST', configMaps(namespace), configMap(`l${i}`)));
  return count / ((performance.now() - began) / 1000);
}

let round = 0;

/** Applies that change one field, each worker its own object. */
export function applyChanged(connections, seconds) {
  return {
    name: `apply, one field changed, ${connections} connection${connections === 1 ? '' : 's'}`,
    connections,
    prepare: (client) => ownObjects(client, connections),
    async run(client) {
      const stamp = ++round;
      const changed = (i) => ({ ...kilobyte, key0: `v${stamp}-${i}` });
      return rate(connections, seconds, (i, worker) =>
        client.apply(`${configMaps('bench')}/own${worker}`, 'bench', configMap(`own${worker}`, changed(i))),
      );
    },
  };
}

/** Applies that change nothing. */
export function applyUnchanged(connections, seconds) {
  return {
    name: `apply, nothing changed, ${connections} connections`,
    connections,
    prepare: (client) => ownObjects(client, connections),
    run: (client) =>
      rate(connections, seconds, (_, worker) =>
        client.apply(`${configMaps('bench')}/same${worker}`, 'bench', configMap(`same${worker}`)),
      ),
  };
}

async function ownObjects(client, connections) {
  await ensureNamespace(client, 'bench');
  await each(connections, connections, async (worker) => {
    await client.apply(`${configMaps('bench')}/own${worker}`, 'bench', configMap(`own${worker}`));
    await client.apply(`${configMaps('bench')}/same${worker}`, 'bench', configMap(`same${worker}`));
  });
}

/** Objects that nobody applies, so that replacing them makes no conflicts elsewhere. */
async function replaceableObjects(client, connections) {
  await ensureNamespace(client, 'bench');
  await each(connections, connections, (worker) => client.send('POST', configMaps('bench'), configMap(`put${worker}`)));
}

/** A second manager that changes the replicas of a Deployment. */
export function applySecondManager(connections, seconds) {
  const path = (worker) => `/apis/apps/v1/namespaces/bench/deployments/d${worker}`;
  return {
    name: `apply, Deployment by its second manager, ${connections} connections`,
    connections,
    async prepare(client) {
      await ensureNamespace(client, 'bench');
      await each(connections, connections, (worker) => client.apply(path(worker), 'first', deployment(`d${worker}`)));
    },
    run: (client) =>
      rate(connections, seconds, (i, worker) => {
        const metadata = { name: `d${worker}` };
        return client.apply(path(worker), 'second', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata,
          spec: { replicas: i % 100 },
        });
      }),
  };
}

/** Creates objects of a kilobyte. */
export function create(connections, seconds) {
  return {
    name: `create, 1 KB, ${connections} connections`,
    connections,
    prepare: (client) => ensureNamespace(client, 'bench'),
    run(client) {
      const stamp = ++round;
      return rate(connections, seconds, (i) => client.must('POST', configMaps('bench'), configMap(`c${stamp}-${i}`)));
    },
  };
}

/** Replaces an object (PUT) with a changed field. */
export function update(connections, seconds) {
  return {
    name: `update, ${connections} connections`,
    connections,
    prepare: (client) => replaceableObjects(client, connections),
    run(client) {
      const stamp = ++round;
      return rate(connections, seconds, (i, worker) => {
        const object = configMap(`put${worker}`, { ...kilobyte, key1: `p${stamp}-${i}` });
        return client.must('PUT', `${configMaps('bench')}/put${worker}`, object);
      });
    },
  };
}

/** Gets an object of a kilobyte. */
export function get(connections, seconds) {
  return {
    name: `get, ${connections} connections`,
    connections,
    prepare: (client) => ownObjects(client, 1),
    run: (client) => rate(connections, seconds, () => client.must('GET', `${configMaps('bench')}/same0`)),
  };
}

/** Lists a namespace that `fill` made. */
export function list(connections, seconds, count) {
  return {
    name: `list of ${count}, ${connections} connections`,
    connections,
    prepare: (client) => fill(client, `list${count}`, count, 16).catch(() => {}),
    async run(client) {
      const answer = await client.must('GET', configMaps(`list${count}`));
      if (answer.bytes < count * 1000) throw new Error(`the list has only ${answer.bytes} bytes`);
      return rate(connections, seconds, () => client.must('GET', configMaps(`list${count}`)));
    },
  };
}

/** Many watchers of one object that changes; the number is events delivered a second. */
export function watchFanOut(watchers, changes) {
  return {
    name: `watch, ${watchers} watchers × ${changes} changes`,
    connections: 1,
    async prepare(client) {
      await ensureNamespace(client, 'watched');
      const answer = await client.send('POST', configMaps('watched'), configMap('w', { v: '0' }));
      if (answer.code !== 201 && answer.code !== 409) throw new Error(answer.text);
    },
    run: (client) => fanOut(client, watchers, changes),
  };
}

async function fanOut(client, watchers, changes) {
  const stamp = ++round;
  const sent = [];
  const delays = [];
  let left = watchers;
  let allDone;
  const done = new Promise((resolve) => {
    allDone = resolve;
  });
  const open = () => {
    let sampled = 0;
    let done = false;
    return client.watch(configMaps('watched'), (lines, bytes) => {
      // the first line is the object as it was
      const seen = lines - 1;
      if (seen >= sampled + 50) {
        sampled = seen;
        const changed = bytes
          .toString('latin1')
          .match(/"v":"\d+-(\d+)"/g)
          ?.at(-1);
        delays.push(performance.now() - (sent[/-(\d+)/.exec(changed ?? '')?.[1]] ?? Number.NaN));
      }
      if (seen < changes || done) return;
      done = true;
      if (--left === 0) allDone();
    });
  };
  const closers = [];
  await each(32, watchers, async () => closers.push(await open()));
  const began = performance.now();
  for (let i = 1; i <= changes; i++) {
    sent[i] = performance.now();
    await client.must('PUT', `${configMaps('watched')}/w`, configMap('w', { v: `${stamp}-${i}` }));
  }
  await Promise.race([
    done,
    new Promise((_, reject) => setTimeout(reject, 60_000, new Error('events are missing')).unref()),
  ]);
  const seconds = (performance.now() - began) / 1000;
  for (const close of closers) close();
  const known = delays.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (share) => known[Math.floor(known.length * share)];
  return { perSecond: (watchers * changes) / seconds, p50Ms: at(0.5), p99Ms: at(0.99), requests: watchers * changes };
}
