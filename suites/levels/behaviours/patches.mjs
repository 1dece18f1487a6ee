// The three patches, and what they do to lists and to what is absent.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  DEPLOYMENT,
  defined,
  definition,
  deployment,
  POD,
  pod,
  WIDGET,
  widget,
} from '../objects.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/{{id}}/configmaps';
const TWO = [
  { name: 'a', image: 'a:1' },
  { name: 'b', image: 'b:1' },
];

function template(patch) {
  return { spec: { template: { spec: patch } } };
}

export const patches = [
  behaviour(
    'a merge patch sets, and null removes',
    ['create', configMap('a', { a: '1', b: '1' })],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: null, c: '3' }, metadata: { labels: { x: 'y' } } } }],
    ['patch', CONFIG_MAP, 'a', { merge: { data: null } }],
  ),
  behaviour(
    'a merge patch replaces lists',
    ['create', deployment('web', { containers: TWO })],
    ['patch', DEPLOYMENT, 'web', { merge: template({ containers: [{ name: 'b', image: 'b:2' }] }) }],
  ),
  behaviour(
    'a strategic patch merges lists by their keys',
    ['create', deployment('web', { containers: TWO })],
    [
      'patch',
      DEPLOYMENT,
      'web',
      {
        strategic: template({
          containers: [
            { name: 'b', image: 'b:2' },
            { name: 'c', image: 'c:1' },
          ],
        }),
      },
    ],
    ['patch', DEPLOYMENT, 'web', { strategic: template({ containers: [{ name: 'a', $patch: 'delete' }] }) }],
  ),
  behaviour(
    'a strategic patch puts lists in an order, and replaces what it is told to',
    ['create', deployment('web', { containers: TWO })],
    [
      'patch',
      DEPLOYMENT,
      'web',
      { strategic: template({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }) },
    ],
    [
      'patch',
      DEPLOYMENT,
      'web',
      { strategic: template({ containers: [{ $patch: 'replace' }, { name: 'z', image: 'z:1' }] }) },
    ],
    ['patch', DEPLOYMENT, 'web', { strategic: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } } }],
  ),
  behaviour(
    'finalizers are added and taken away one by one in a strategic patch',
    ['create', configMap('a', {}, { finalizers: ['example.com/a', 'example.com/b'] })],
    [
      'patch',
      CONFIG_MAP,
      'a',
      {
        strategic: {
          metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'], finalizers: ['example.com/c'] },
        },
      },
    ],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { finalizers: null } } }],
  ),
  behaviour(
    'a JSON patch does all of its operations or none',
    ['create', configMap('a', { a: '1' })],
    [
      'patch',
      CONFIG_MAP,
      'a',
      {
        json: [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'move', from: '/data/a', path: '/data/b' },
          { op: 'copy', from: '/data/b', path: '/data/c' },
        ],
      },
    ],
    [
      'patch',
      CONFIG_MAP,
      'a',
      {
        json: [
          { op: 'remove', path: '/data/b' },
          { op: 'test', path: '/data/c', value: '2' },
        ],
      },
    ],
    ['patch', CONFIG_MAP, 'a', { json: [{ op: 'remove', path: '/data/none' }] }],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'a patch of a kind of one’s own cannot be strategic',
    defined(definition({ size: { type: 'integer' } })),
    ['create', widget('w', { size: 1 })],
    ['patch', WIDGET, 'w', { strategic: { spec: { size: 2 } } }],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 2 } } }],
    ['patch', WIDGET, 'w', { json: [{ op: 'replace', path: '/spec/size', value: 3 }] }],
  ),
  behaviour(
    'a patch with an old resourceVersion is a conflict',
    ['create', configMap('a')],
    ['remember', 'old'],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { resourceVersion: '{{old_rv}}' }, data: { a: '3' } } }],
  ),
  behaviour(
    'a patch that changes nothing keeps the resourceVersion',
    ['create', configMap('a')],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '1' } } }],
    ['patch', CONFIG_MAP, 'a', { strategic: {} }],
  ),
  behaviour(
    'a patch of no known type is refused, and so is one that is none',
    ['create', configMap('a')],
    ['send', 'PATCH', `${CONFIG_MAPS}/a`, '{}', { 'content-type': 'application/json' }],
    ['send', 'PATCH', `${CONFIG_MAPS}/a`, '[1', { 'content-type': 'application/merge-patch+json' }],
    ['send', 'PATCH', `${CONFIG_MAPS}/a`, '{}', { 'content-type': 'application/json-patch+json' }],
    ['patch', CONFIG_MAP, 'none', { merge: { data: { a: '1' } } }],
  ),
  behaviour(
    'what a patch makes invalid is refused',
    ['create', pod('p')],
    ['patch', POD, 'p', { strategic: { metadata: { labels: { 'not a label': 'x' } } } }],
    ['patch', POD, 'p', { merge: { spec: null } }],
    ['patch', POD, 'p', { merge: { metadata: { name: 'q' } } }],
  ),
];
