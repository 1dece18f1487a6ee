// Objects come, are read, are replaced and go.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  DEPLOYMENT,
  deployment,
  make,
  NAMESPACE,
  POD,
  pod,
  SECRET,
} from '../objects.mjs';

export const crud = [
  behaviour(
    'a created object has what the server adds, and is read as it was answered',
    ['create', configMap('a')],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'defaults stand in what is answered and in what is read',
    ['create', deployment('web')],
    ['get', DEPLOYMENT, 'web'],
  ),
  behaviour(
    'a second object of a name is refused, and the first stays',
    ['create', configMap('a')],
    ['create', configMap('a', { a: '2' })],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour('what is not there is not found', ['get', CONFIG_MAP, 'none'], ['delete', CONFIG_MAP, 'none']),
  behaviour(
    'an update with the newest resourceVersion replaces the object',
    ['create', configMap('a', { a: '1', b: '1' })],
    ['update', configMap('a', { b: '2' }, { resourceVersion: '{{rv}}' })],
  ),
  behaviour(
    'an update with an old resourceVersion is a conflict',
    ['create', configMap('a')],
    ['remember', 'old'],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['update', configMap('a', { a: '3' }, { resourceVersion: '{{old_rv}}' })],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'an update without a resourceVersion overwrites',
    ['create', configMap('a')],
    ['update', configMap('a', { b: '2' })],
  ),
  behaviour(
    'an update of what is not there is not found',
    ['update', configMap('a')],
    ['update', configMap('a', {}, { resourceVersion: '1' })],
  ),
  behaviour(
    'an update that changes nothing keeps the resourceVersion',
    ['create', configMap('a')],
    ['change', CONFIG_MAP, 'a', {}],
  ),
  behaviour(
    'an update with another uid is a conflict',
    ['create', configMap('a')],
    ['update', configMap('a', { a: '2' }, { uid: '00000000-0000-0000-0000-000000000000' })],
  ),
  behaviour(
    'a generated name has the prefix and five characters',
    ['create', configMap(undefined, {}, { generateName: 'made-' })],
    (world) => world.note('the length of the name', world.last.metadata.name.length),
    ['create', configMap('given', {}, { generateName: 'made-' })],
  ),
  behaviour(
    'an object needs a name',
    ['create', configMap(undefined)],
    ['create', configMap('No_name')],
    ['create', make(NAMESPACE, 'a.dot')],
  ),
  behaviour(
    'an object is of the namespace of the path',
    ['send', 'POST', '/api/v1/namespaces/{{id}}/configmaps', configMap('a', {}, { namespace: 'other' })],
    ['send', 'POST', '/api/v1/namespaces/{{id}}-none/configmaps', configMap('a')],
  ),
  behaviour(
    'an object of another kind than the path is refused',
    ['send', 'POST', '/api/v1/namespaces/{{id}}/configmaps', make(SECRET, 'a')],
    ['send', 'POST', '/api/v1/namespaces/{{id}}/configmaps', '{"kind": "ConfigMap",'],
    ['send', 'POST', '/api/v1/namespaces/{{id}}/nothing', configMap('a')],
    ['send', 'PUT', '/api/v1/namespaces/{{id}}/configmaps', configMap('a')],
  ),
  behaviour('all that is wrong with an object is told at once', [
    'create',
    pod('a', {
      containers: [
        { name: 'B', image: '' },
        { name: 'c', image: 'c', ports: [{ containerPort: 0 }] },
      ],
    }),
  ]),
  behaviour(
    'what cannot change is refused',
    ['create', pod('a')],
    ['patch', POD, 'a', { merge: { spec: { nodeName: 'elsewhere' } } }],
    ['patch', POD, 'a', { json: [{ op: 'replace', path: '/spec/containers/0/image', value: 'nginx:2' }] }],
    ['create', configMap('fixed', { a: '1' })],
    ['patch', CONFIG_MAP, 'fixed', { merge: { immutable: true } }],
    ['patch', CONFIG_MAP, 'fixed', { merge: { data: { a: '2' } } }],
  ),
  behaviour(
    'texts and bytes of a Secret are one thing',
    ['create', make(SECRET, 's', { stringData: { user: 'jane' }, data: { word: 'c2VjcmV0' } })],
    ['patch', SECRET, 's', { merge: { stringData: { user: 'joe' } } }],
    ['patch', SECRET, 's', { merge: { data: { word: 'not base64' } } }],
  ),
  behaviour(
    'the generation counts changes of the spec, not of the rest',
    ['create', deployment('web')],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replicas: 3 } } }],
    ['patch', DEPLOYMENT, 'web', { merge: { metadata: { labels: { a: 'b' } } } }],
    ['status', DEPLOYMENT, 'web', { replicas: 3, observedGeneration: 2 }],
  ),
];
