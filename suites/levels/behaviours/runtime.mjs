// What programs see that run all the time: events, leases, informers, and controllers that reconcile.
import { newInformer } from 'nekube/client';
import { addFinalizer, LeaderElector, Manager, removeFinalizer, setCondition } from 'nekube/controller';
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  defined,
  definition,
  EVENT,
  LEASE,
  make,
  WIDGET,
  widget,
} from '../objects.mjs';

const STATUS = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const SIZED = definition({ size: { type: 'integer' } }, { version: { subresources: { status: {} } }, status: STATUS });
const FINALIZER = 'example.com/registered';

/** Runs a manager of the namespace as long as `use` takes; `add` gives it what it runs. */
async function managed(world, add, use, options = {}) {
  const { client, env, id } = world;
  const manager = new Manager({ client, clock: env.clock, cache: { namespaces: [id] }, ...options });
  await add(manager);
  const stop = new AbortController();
  const running = manager.start(stop.signal);
  running.catch(() => {});
  try {
    await Promise.race([use(manager), running]);
  } finally {
    stop.abort();
    await running;
  }
}

/** Runs a controller of Widgets while steps are played. */
function controlled(reconcile, ...steps) {
  return (world) =>
    managed(
      world,
      (manager) => manager.controller('widgets').for(world.fill(WIDGET)).owns(CONFIG_MAP).reconcile(reconcile(world)),
      () => world.play(steps),
    );
}

function elector(world, identity, heard) {
  const times = { leaseDurationMs: 60_000, renewDeadlineMs: 40_000, retryPeriodMs: 100 };
  const { client, env } = world;
  return new LeaderElector({
    client,
    clock: env.clock,
    name: 'election',
    identity,
    ...times,
    onNewLeader: (name) => heard.push(name),
  });
}

export const runtime = [
  behaviour(
    'an event is told, and found by what it is about',
    ['create', configMap('a')],
    [
      'create',
      make(EVENT, 'a.1', {
        eventTime: '2020-02-02T02:02:02.000000Z',
        type: 'Normal',
        reason: 'Tested',
        action: 'Testing',
        reportingController: 'levels',
        reportingInstance: 'levels-1',
        regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: '{{id}}' },
        note: 'it was tested',
      }),
    ],
    ['send', 'GET', '/api/v1/namespaces/{{id}}/events?fieldSelector=involvedObject.name%3Da,reason%3DTested'],
    ['send', 'GET', '/api/v1/namespaces/{{id}}/events?fieldSelector=involvedObject.name%3Db'],
    ['create', make(EVENT, 'a.2', { eventTime: '2020-02-02T02:02:02.000000Z', type: 'Odd', reason: '' })],
  ),
  behaviour(
    'a lease is taken over only by who saw it last',
    ['create', make(LEASE, 'l', { spec: { holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 } })],
    ['remember', 'seen'],
    [
      'update',
      make(LEASE, 'l', {
        metadata: { resourceVersion: '{{seen_rv}}' },
        spec: { holderIdentity: 'two', leaseDurationSeconds: 15, leaseTransitions: 1 },
      }),
    ],
    ['update', make(LEASE, 'l', { metadata: { resourceVersion: '{{seen_rv}}' }, spec: { holderIdentity: 'three' } })],
    ['patch', LEASE, 'l', { merge: { spec: { leaseDurationSeconds: 0 } } }],
  ),
  behaviour('of two candidates one leads, and when it stops the other does', async (world) => {
    const heard = [];
    const stops = { one: new AbortController(), two: new AbortController() };
    const led = [];
    const run = (name) => elector(world, name, heard).run(stops[name].signal, () => led.push(name));
    const one = run('one');
    await world.eventually(() => led.length === 1);
    const two = run('two');
    await world.eventually(() => heard.length === 2);
    stops.one.abort();
    await one;
    await world.eventually(() => led.length === 2);
    stops.two.abort();
    await two;
    world.note('who led', led);
    const { spec } = await world.client.get(LEASE, { name: 'election' });
    world.note('the lease', { holder: spec.holderIdentity ?? '', transitions: spec.leaseTransitions });
  }),
  behaviour(
    'an informer has what was there, hears what changes, and finds by its indexes',
    ['create', configMap('a', { team: 'red' })],
    ['create', configMap('b', { team: 'blue' })],
    async (world) => {
      const told = [];
      const indexes = { team: ({ data }) => [data?.team ?? 'none'] };
      const informer = newInformer(world.client, CONFIG_MAP, { namespace: world.id, indexes, clock: world.env.clock });
      informer.handle({
        added: (object, initial) => told.push(`${object.metadata.name} added${initial ? ' first' : ''}`),
        updated: (object) => told.push(`${object.metadata.name} updated`),
        deleted: (object, final) => told.push(`${object.metadata.name} deleted${final ? ' finally' : ''}`),
      });
      const stop = new AbortController();
      const running = informer.run(stop.signal);
      await world.eventually(() => informer.isSynced);
      await world.patch(CONFIG_MAP, 'a', { merge: { data: { team: 'blue' } } });
      await world.create(configMap('c', {}));
      await world.delete(CONFIG_MAP, 'b');
      await world.eventually(() => told.length >= 5);
      stop.abort();
      await running;
      world.note('told', [...told.slice(0, 2).sort(), ...told.slice(2)]);
      world.note(
        'blue',
        informer.store.byIndex('team', 'blue').map(({ metadata }) => metadata.name),
      );
      world.note(
        'none',
        informer.store.byIndex('team', 'none').map(({ metadata }) => metadata.name),
      );
    },
  ),
  behaviour(
    'a controller owns what it makes, and puts it back',
    defined(SIZED),
    ['create', widget('w', { size: 3 })],
    controlled(
      () =>
        async (_, { object, applyOwned }) => {
          if (object) await applyOwned(configMap(object.metadata.name, { size: String(object.spec.size) }));
        },
      ['until', 200, ['get', CONFIG_MAP, 'w']],
      (world) => world.client.patch(CONFIG_MAP, { name: 'w' }, { merge: { data: { size: 'none' } } }),
      ['until', 200, ['get', CONFIG_MAP, 'w'], '"size":"3"'],
      (world) => world.client.delete(CONFIG_MAP, { name: 'w' }),
      ['until', 200, ['get', CONFIG_MAP, 'w']],
      (world) => world.client.patch(world.fill(WIDGET), { name: 'w' }, { merge: { spec: { size: 4 } } }),
      ['until', 200, ['get', CONFIG_MAP, 'w'], '"size":"4"'],
    ),
  ),
  behaviour(
    'a controller states conditions, which keep their time while they stay',
    defined(SIZED),
    ['create', widget('w', { size: 3 })],
    controlled(
      () =>
        async (_, { object, applyStatus }) => {
          if (!object) return;
          const { size } = object.spec;
          const status = size > 5 ? 'False' : 'True';
          const reason = size > 5 ? 'TooBig' : 'Fits';
          const conditions = setCondition(object.status?.conditions, {
            type: 'Ready',
            status,
            reason,
            message: `it has ${size}`,
            observedGeneration: object.metadata.generation,
          });
          if (conditions !== object.status?.conditions) await applyStatus({ conditions });
        },
      ['until', 200, ['get', WIDGET, 'w'], '"Fits"'],
      (world) => world.client.patch(world.fill(WIDGET), { name: 'w' }, { merge: { spec: { size: 6 } } }),
      ['until', 200, ['get', WIDGET, 'w'], '"TooBig"'],
    ),
  ),
  behaviour(
    'a controller with a finalizer cleans up before its object is gone',
    defined(SIZED),
    ['create', widget('w', { size: 1 })],
    (world) => {
      world.register = new Set();
    },
    controlled(
      ({ register }) =>
        async ({ name }, { object, client }) => {
          if (!object) return;
          if (object.metadata.deletionTimestamp) {
            register.delete(name);
            await removeFinalizer(client, object, FINALIZER);
          } else {
            await addFinalizer(client, object, FINALIZER);
            register.add(name);
          }
        },
      ['until', 200, ['get', WIDGET, 'w'], FINALIZER],
      (world) => world.eventually(() => world.register.has('w')),
      (world) => world.client.delete(world.fill(WIDGET), { name: 'w' }),
      ['until', 404, ['get', WIDGET, 'w']],
      (world) => world.note('the register', [...world.register]),
    ),
  ),
  behaviour(
    'a controller that asks to come again comes again',
    defined(SIZED),
    ['create', widget('w', { size: 1 })],
    controlled(() => {
      let times = 0;
      return async (_, { object, applyStatus }) => {
        if (!object || object.status?.times) return undefined;
        times++;
        if (times < 4) return { requeueAfterMs: 30 };
        await applyStatus({ times });
        return undefined;
      };
    }, ['until', 200, ['get', WIDGET, 'w'], '"times":4']),
  ),
  behaviour(
    'a controller that fails is called again until it does not',
    defined(SIZED),
    ['create', widget('w', { size: 1 })],
    controlled(() => {
      let failures = 0;
      return async (_, { object, applyStatus }) => {
        if (!object || object.status?.failures !== undefined) return;
        if (failures < 3) {
          failures++;
          throw new Error('not yet');
        }
        await applyStatus({ failures });
      };
    }, ['until', 200, ['get', WIDGET, 'w'], '"failures":3']),
  ),
  behaviour(
    'a controller tells events of its objects',
    defined(SIZED),
    ['create', widget('w', { size: 1 })],
    controlled(
      () =>
        async (_, { object, record }) => {
          if (object) record({ reason: 'Seen', action: 'Look', note: `size ${object.spec.size}` });
        },
      async (world) => {
        const found = await world.eventually(
          async () => (await world.client.list(EVENT, { namespace: world.id })).items[0],
        );
        const { type, reason, action, note, reportingController, regarding } = found;
        world.note('the event', { type, reason, action, note, reportingController, regarding });
      },
    ),
  ),
];
