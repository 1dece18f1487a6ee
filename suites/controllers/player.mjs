// Plays a scenario in a cluster, and sees what becomes of it.
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { newInformer } from 'nekube/client';
import { Normaliser } from './normalise.mjs';
import { CLUSTER_WIDE, Steps } from './steps.mjs';

/** A cluster in which nothing happened for so long has come to rest. */
const REST_MS = 1200;
/** How long what is expected may take beyond the rest that the step has. */
const MOST_MS = 60_000;
/** What a scenario leaves that others would see. */
const LEFT_OVER = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'PersistentVolume' },
  { apiVersion: 'v1', kind: 'Node' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
];

/**
 * Plays a scenario in a namespace of its own. After each step it waits until all is as `expected`, or, without that, until
 * nothing happens any more.
 *
 * @returns `{steps, sequence}`: after each step the objects and the events that came, and what objects went through
 */
export async function play({ client, metrics }, { scenario, kinds, namespace, expected }) {
  const ending = new AbortController();
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const view = new View(client, { kinds, namespace, race: scenario.race, signal: ending.signal });
  const steps = new Steps({ client, metrics }, namespace);
  try {
    await view.ready();
    const seen = [];
    for (const [index, step] of scenario.steps.entries()) {
      if (step.afterMs) await sleep(step.afterMs);
      await steps.take(step);
      view.changedAt = Date.now();
      await settle(view, step.restMs ?? REST_MS, expected?.steps[index]);
      seen.push(view.now());
    }
    return { steps: seen, sequence: scenario.race ? {} : view.sequence() };
  } finally {
    steps.end();
    ending.abort();
  }
}

/** Deletes what others would see of a scenario, so that it is as if they had the cluster for themselves. */
export async function clear({ client }) {
  for (const kind of LEFT_OVER) {
    const { items } = await client.list(kind);
    for (const { metadata } of items) {
      const key = { namespace: metadata.namespace, name: metadata.name };
      if (metadata.finalizers) await client.patch(kind, key, { merge: { metadata: { finalizers: null } } });
      await client.delete(kind, key, { gracePeriodSeconds: 0 }).catch(() => {});
    }
  }
  await sleep(500);
}

async function settle(view, restMs, expected) {
  const end = Date.now() + MOST_MS + restMs;
  if (expected === undefined) {
    while (Date.now() - view.changedAt < restMs && Date.now() < end) await sleep(50);
    return;
  }
  while (Date.now() < end && !isDeepStrictEqual(view.now(), expected)) await sleep(20);
}

/** What is in a namespace, and what was. */
class View {
  #normaliser;
  #informers;
  #events;
  #namespace;
  #sequences = new Map();
  changedAt = Date.now();

  constructor(client, { kinds, namespace, race, signal }) {
    this.#normaliser = new Normaliser(namespace, race);
    const follow = (kind, of) => {
      const informer = newInformer(client, kind, of);
      informer.handle({
        added: (object) => this.#saw(object),
        updated: (object, old) => this.#saw(object, old),
        deleted: (object) => this.#saw(object),
      });
      informer.run(signal);
      return informer;
    };
    this.#namespace = namespace;
    this.#informers = kinds.map((kind) => follow(kind, CLUSTER_WIDE.includes(kind.kind) ? {} : { namespace }));
    const event = { apiVersion: 'v1', kind: 'Event' };
    // those of objects without a namespace are in the default one
    this.#events = [follow(event, { namespace }), follow(event, { namespace: 'default' })];
  }

  async ready() {
    await Promise.all([...this.#informers, ...this.#events].map((informer) => informer.synced()));
    this.changedAt = Date.now();
  }

  /** All objects by name, those of one name in some order that is always the same; and all events of each. */
  now() {
    const objects = {};
    const all = this.#informers.flatMap(({ store }) => store.list());
    for (const object of all.filter((one) => this.#isOwn(one))) {
      const known = (objects[this.#normaliser.nameOf(object)] ??= []);
      known.push(this.#normaliser.object(object));
    }
    for (const known of Object.values(objects)) known.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return { objects: byName(objects), events: byName(this.#eventsNow()) };
  }

  /** What objects went through, each state once in a row. */
  sequence() {
    return byName(Object.fromEntries(this.#sequences));
  }

  #eventsNow() {
    const events = {};
    const all = this.#events.flatMap(({ store }) => store.list());
    const inOrder = all.filter((one) => this.#isOwn(one)).sort((a, b) => versionOf(a) - versionOf(b));
    for (const { involvedObject, type, reason, message, source, reportingComponent } of inOrder) {
      const name = this.#normaliser.nameOf({ kind: involvedObject.kind, metadata: involvedObject });
      const by =
        source?.component === reportingComponent ? source?.component : `${source?.component}, ${reportingComponent}`;
      const told = (events[name] ??= []);
      const text = `${type} ${reason}: ${this.#normaliser.text(message)} (${by})`;
      // how often depends on time, and on how many names there are
      if (told.at(-1) !== text) told.push(text);
    }
    return events;
  }

  /** What has no namespace is a scenario's if its name begins with the scenario's, or it is claimed by what is. */
  #isOwn({ kind, metadata, involvedObject, spec }) {
    const begins = (name) => name?.startsWith(`${this.#namespace}-`);
    if (kind === 'Event') return metadata.namespace === this.#namespace || begins(involvedObject.name);
    if (metadata.namespace !== undefined) return true;
    return begins(metadata.name) || spec?.claimRef?.namespace === this.#namespace;
  }

  #saw(object, old) {
    if (!this.#isOwn(object)) return;
    // what is told again and again is no news
    if (object.kind === 'Event' && old?.message === object.message) return;
    this.changedAt = Date.now();
    this.#normaliser.learn(object);
    if (object.kind === 'Event' || object.kind === 'Pod') return;
    const name = this.#normaliser.nameOf(object);
    const states = this.#sequences.get(name) ?? [];
    this.#sequences.set(name, states);
    const { replicas } = object.spec ?? {};
    const conditions = (object.status?.conditions ?? []).map(
      ({ type, status, reason, message = '' }) => `${type}=${status} ${reason}: ${this.#normaliser.text(message)}`,
    );
    const state = [...(replicas === undefined ? [] : [`replicas ${replicas}`]), ...conditions];
    if (state.length > 0 && !isDeepStrictEqual(states.at(-1), state)) states.push(state);
  }
}

/** Events are counted up later, so the order is that of their making, which their names have. */
function versionOf({ metadata }) {
  return Number.parseInt(metadata.name.split('.').at(-1).slice(0, 12), 16);
}

function byName(values) {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
