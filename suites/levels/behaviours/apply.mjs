// Server-side apply: who states what, who owns it, and who is in conflict with whom.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  DEPLOYMENT,
  defined,
  definition,
  deployment,
  make,
  POD,
  pod,
  SERVICE,
  WIDGET,
  widget,
} from '../objects.mjs';

const one = { fieldManager: 'one' };
const two = { fieldManager: 'two' };
const force = { fieldManager: 'two', force: true };

/** An apply of a Deployment that states nothing but these. */
function replicas(count) {
  return make(DEPLOYMENT, 'web', { spec: { replicas: count } });
}
function container(name, rest) {
  return make(DEPLOYMENT, 'web', { spec: { template: { spec: { containers: [{ name, ...rest }] } } } });
}
function service(...ports) {
  return make(SERVICE, 's', { spec: { selector: { app: 's' }, ports } });
}

const SETS = {
  tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
  parts: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } },
  },
  whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
};

export const apply = [
  behaviour('an apply creates what is not there, and owns what it states', ['apply', configMap('a')]),
  behaviour('an apply without a manager is refused', [
    'send',
    'PATCH',
    '/api/v1/namespaces/{{id}}/configmaps/a',
    configMap('a'),
    { 'content-type': 'application/apply-patch+yaml' },
  ]),
  behaviour(
    'the same apply again changes nothing, not even a time',
    ['apply', configMap('a')],
    ['apply', configMap('a')],
  ),
  behaviour(
    'a field of another manager is a conflict that names the manager and the field',
    ['apply', configMap('a', { a: '1', b: '1' }), one],
    ['apply', configMap('a', { a: '2', b: '2' }), two],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'force takes the field over, and the other owns it no more',
    ['apply', configMap('a', { a: '1', b: '1' }), one],
    ['apply', configMap('a', { a: '2' }), force],
    ['apply', configMap('a', { a: '1', b: '1' }), one],
  ),
  behaviour(
    'two who state the same value share the field',
    ['apply', configMap('a', { a: '1' }), one],
    ['apply', configMap('a', { a: '1' }), two],
    ['apply', configMap('a', { a: '2' }), one],
  ),
  behaviour(
    'a shared field stays until the last owner leaves it out',
    ['apply', configMap('a', { a: '1', b: '1' }), one],
    ['apply', configMap('a', { a: '1' }), two],
    ['apply', configMap('a', { b: '1' }), one],
    ['apply', configMap('a', {}), two],
  ),
  behaviour(
    'what the only owner leaves out is removed',
    ['apply', configMap('a', { a: '1', b: '1' }, { labels: { x: 'y' } })],
    ['apply', configMap('a', { a: '1' })],
  ),
  behaviour(
    'what an update set is a conflict, too',
    ['create', configMap('a'), { fieldManager: 'editor' }],
    ['apply', configMap('a', { a: '2' }), one],
    ['apply', configMap('a', { a: '2' }), { ...one, force: true }],
  ),
  behaviour(
    'the number of replicas may be left to an autoscaler',
    ['apply', deployment('web'), one],
    ['apply', replicas(5), two],
    ['apply', replicas(5), force],
    ['apply', deployment('web', { replicas: undefined }), one],
    ['get', DEPLOYMENT, 'web'],
  ),
  behaviour(
    'an autoscaler and an apply do not meet in the subresource scale',
    ['apply', deployment('web'), one],
    [
      'patch',
      DEPLOYMENT,
      'web',
      { merge: { spec: { replicas: 4 } } },
      { subresource: 'scale', fieldManager: 'scaler' },
    ],
    ['apply', deployment('web'), one],
  ),
  behaviour(
    'a sidecar is added to the containers of another, by its name',
    ['apply', deployment('web'), one],
    ['apply', container('sidecar', { image: 'proxy:1' }), two],
    ['apply', container('web', { image: 'nginx:2' }), two],
    ['apply', make(DEPLOYMENT, 'web', {}), two],
    ['get', DEPLOYMENT, 'web'],
  ),
  behaviour(
    'ports of a Service are told apart by number and protocol',
    ['apply', service({ port: 53, protocol: 'TCP', name: 'tcp' }, { port: 53, protocol: 'UDP', name: 'udp' }), one],
    ['apply', make(SERVICE, 's', { spec: { ports: [{ port: 80, name: 'web' }] } }), two],
    ['apply', service({ port: 53, protocol: 'UDP', name: 'udp' }), one],
  ),
  behaviour('a list whose items have one key twice is refused', [
    'apply',
    service({ port: 80, name: 'a' }, { port: 80, name: 'b' }),
  ]),
  behaviour(
    'a field that the kind does not have is refused',
    ['apply', make(CONFIG_MAP, 'a', { dada: { a: '1' } })],
    ['apply', make(CONFIG_MAP, 'a', { data: { a: 1 } })],
  ),
  behaviour(
    'the status has owners of its own',
    ['apply', deployment('web'), one],
    ['apply', make(DEPLOYMENT, 'web', { status: { replicas: 1 } }), { ...two, subresource: 'status' }],
    [
      'apply',
      make(DEPLOYMENT, 'web', { spec: { paused: true }, status: { replicas: 2 } }),
      { ...two, subresource: 'status' },
    ],
    ['apply', deployment('web', { replicas: 2 }), one],
  ),
  behaviour('an apply of a status needs the object', [
    'apply',
    make(DEPLOYMENT, 'web', { status: { replicas: 1 } }),
    { subresource: 'status' },
  ]),
  behaviour(
    'a dry run tells what would be, and writes nothing',
    ['apply', configMap('a'), { dryRun: true }],
    ['get', CONFIG_MAP, 'a'],
    ['apply', configMap('a')],
    ['apply', configMap('a', { a: '2' }), { ...two, dryRun: true }],
    ['apply', configMap('a', { a: '2' }), { ...force, dryRun: true }],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'an apply with a resourceVersion is about that one',
    ['apply', configMap('a')],
    ['remember', 'old'],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { b: '1' } } }],
    ['apply', configMap('a', { a: '2' }, { resourceVersion: '{{old_rv}}' })],
  ),
  behaviour(
    'managedFields may not be applied, but taken away',
    ['apply', configMap('a', {}, { managedFields: [{ manager: 'x', operation: 'Apply' }] })],
    ['apply', configMap('a')],
    ['patch', CONFIG_MAP, 'a', { json: [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }] }],
    ['apply', configMap('a', { a: '2' }), two],
  ),
  behaviour(
    'a custom resource is merged by what its schema says of its lists',
    defined(definition(SETS)),
    ['apply', widget('w', { tags: ['a', 'b'], parts: [{ name: 'x', size: 1 }], whole: { a: '1' } }), one],
    ['apply', widget('w', { tags: ['b', 'c'], parts: [{ name: 'y' }] }), two],
    ['apply', widget('w', { parts: [{ name: 'x', size: 2 }], whole: { b: '1' } }), two],
    ['apply', widget('w', { tags: ['a'], parts: [{ name: 'x', size: 1 }] }), one],
  ),
  behaviour(
    'a custom resource without a status of its own owns it with the rest',
    defined(
      definition(
        { size: { type: 'integer' } },
        { status: { type: 'object', properties: { ready: { type: 'boolean' } } } },
      ),
    ),
    ['apply', { ...widget('w', { size: 1 }), status: { ready: true } }],
    ['patch', WIDGET, 'w', { merge: { status: { ready: false } } }, { fieldManager: 'other' }],
    ['apply', { ...widget('w', { size: 1 }), status: { ready: true } }],
  ),
  behaviour(
    'a custom resource is created and taken over by force',
    defined(definition({ size: { type: 'integer' }, color: { type: 'string', default: 'red' } })),
    ['apply', widget('w', { size: 1 }), one],
    ['apply', widget('w', { size: 2, color: 'red' }), two],
    ['apply', widget('w', { size: 2, color: 'blue' }), force],
    ['apply', widget('w', {}), one],
  ),
  behaviour(
    'environment variables and volumes merge by name, arguments are one value',
    [
      'apply',
      pod('p', { containers: [{ name: 'main', image: 'a:1', args: ['a', 'b'], env: [{ name: 'A', value: '1' }] }] }),
      one,
    ],
    ['apply', make(POD, 'p', { spec: { containers: [{ name: 'main', args: ['c'] }] } }), two],
    ['apply', make(POD, 'p', { metadata: { labels: { team: 'two' }, annotations: { note: 'x' } } }), two],
    ['apply', make(POD, 'p', { metadata: { labels: { team: 'one' } } }), one],
  ),
];
