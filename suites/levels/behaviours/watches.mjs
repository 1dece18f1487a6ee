// Watches: what comes first, in which order, and how they end.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  defined,
  definition,
  deployment,
  DEPLOYMENT,
  pod,
  POD,
  WIDGET,
  widget,
} from '../objects.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/{{id}}/configmaps';
const labelled = (name, team) => configMap(name, {}, { labels: { team } });

/** Watches, takes so many events, and stops. */
function sees(kind, options, count) {
  return async (world) => {
    const watched = world.watch(world.fill(kind), world.fill(options));
    await world.take(watched, count);
    await watched.stop();
  };
}

export const watches = [
  behaviour(
    'a watch tells what happens after a revision, in its order',
    ['create', configMap('a')],
    ['remember', 'then'],
    ['create', configMap('b')],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['delete', CONFIG_MAP, 'b'],
    ['delete', CONFIG_MAP, 'a'],
    sees(CONFIG_MAP, { resourceVersion: '{{then_rv}}' }, 4),
  ),
  behaviour(
    'a watch of no revision begins with what is there',
    ['create', configMap('a')],
    ['create', configMap('b')],
    sees(CONFIG_MAP, {}, 2),
  ),
  behaviour(
    'initial events end with a bookmark that says so',
    ['create', configMap('b')],
    ['create', configMap('a')],
    sees(CONFIG_MAP, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowBookmarks: true }, 3),
  ),
  behaviour('initial events of nothing are the bookmark alone', ['list', CONFIG_MAP], (world) =>
    sees(CONFIG_MAP, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowBookmarks: true }, 1)(world),
  ),
  behaviour(
    'initial events need to be asked for rightly',
    ['send', 'GET', `${CONFIG_MAPS}?watch=true&sendInitialEvents=true`],
    ['send', 'GET', `${CONFIG_MAPS}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan`],
    ['send', 'GET', `${CONFIG_MAPS}?watch=true&resourceVersionMatch=Exact&resourceVersion=1`],
  ),
  behaviour(
    'a watch goes on from the revision of the last event that was seen',
    ['list', CONFIG_MAP],
    ['remember', 'then'],
    ['create', configMap('a')],
    ['create', configMap('b')],
    ['create', configMap('c')],
    async (world) => {
      const first = world.watch(CONFIG_MAP, { resourceVersion: world.then_rv });
      const [, { object }] = await first.take(2);
      await first.stop();
      await sees(CONFIG_MAP, { resourceVersion: object.metadata.resourceVersion }, 1)(world);
    },
  ),
  behaviour(
    'a watch of a selection sees what comes into it and what leaves it',
    ['list', CONFIG_MAP],
    ['remember', 'then'],
    ['create', labelled('a', 'red')],
    ['create', labelled('b', 'blue')],
    ['patch', CONFIG_MAP, 'b', { merge: { metadata: { labels: { team: 'red' } } } }],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { labels: { team: 'blue' } } } }],
    ['patch', CONFIG_MAP, 'b', { merge: { data: { a: '1' } } }],
    ['delete', CONFIG_MAP, 'b'],
    sees(CONFIG_MAP, { resourceVersion: '{{then_rv}}', labelSelector: 'team=red' }, 5),
  ),
  behaviour(
    'a watch by field sees a pod come into its phase',
    ['create', pod('p')],
    ['remember', 'then'],
    ['status', POD, 'p', { phase: 'Running' }],
    ['status', POD, 'p', { phase: 'Succeeded' }],
    sees(POD, { resourceVersion: '{{then_rv}}', fieldSelector: 'status.phase=Running' }, 2),
  ),
  behaviour(
    'a watch of the metadata alone has nothing else',
    ['create', deployment('web')],
    sees(DEPLOYMENT, { metadataOnly: true }, 1),
  ),
  behaviour(
    'a watch sees a finalizer hold an object until it is let go',
    ['create', configMap('a', {}, { finalizers: ['example.com/hold'] })],
    ['remember', 'then'],
    ['delete', CONFIG_MAP, 'a'],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { finalizers: null } } }],
    sees(CONFIG_MAP, { resourceVersion: '{{then_rv}}' }, 2),
  ),
  behaviour(
    'a write that changes nothing is no event',
    ['create', configMap('a')],
    ['remember', 'then'],
    ['apply', configMap('a'), { fieldManager: 'levels' }],
    ['change', CONFIG_MAP, 'a', {}],
    ['patch', CONFIG_MAP, 'a', { merge: {} }],
    ['create', configMap('last')],
    sees(CONFIG_MAP, { resourceVersion: '{{then_rv}}', fieldSelector: 'metadata.name!=a' }, 1),
  ),
  behaviour('a watch ends after the time that was asked for', ['create', configMap('a')], async (world) => {
    const watched = world.watch(CONFIG_MAP, { timeoutSeconds: 1 });
    const events = watched.take(2);
    await world.env.clock.advance(1500);
    world.note(
      'events',
      (await events).map(({ type }) => type),
    );
  }),
  behaviour(
    'a revision that is none is refused',
    ['send', 'GET', `${CONFIG_MAPS}?watch=true&resourceVersion=x`],
    ['send', 'GET', `${CONFIG_MAPS}?resourceVersion=x`],
  ),
  behaviour(
    'objects of a kind of one’s own are watched like others',
    defined(definition({ size: { type: 'integer', default: 3 } })),
    ['list', WIDGET],
    ['remember', 'then'],
    ['create', widget('w', {})],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 4 } } }],
    ['delete', WIDGET, 'w'],
    sees(WIDGET, { resourceVersion: '{{then_rv}}' }, 3),
  ),
];
