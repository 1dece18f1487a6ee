// How objects go: finalizers, owners, grace, preconditions, many at once, and namespaces that end.
import { behaviour, CONFIG_MAP, configMap, deployment, DEPLOYMENT, make, NAMESPACE, POD, pod } from '../objects.mjs';

const held = (name, ...finalizers) =>
  configMap(name, {}, { finalizers: finalizers.map((one) => `example.com/${one}`) });
const NONE = { merge: { metadata: { finalizers: null } } };
const OTHER = '00000000-0000-0000-0000-000000000000';
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '{{owner_uid}}' };

export const endings = [
  behaviour(
    'a deleted object answers that it is gone',
    ['create', configMap('a')],
    ['delete', CONFIG_MAP, 'a'],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'an object with a finalizer stays until the last is taken away',
    ['create', held('a', 'one', 'two')],
    ['delete', CONFIG_MAP, 'a'],
    ['delete', CONFIG_MAP, 'a'],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { finalizers: ['example.com/two'] } } }],
    ['get', CONFIG_MAP, 'a'],
    ['patch', CONFIG_MAP, 'a', NONE],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'an object that is going takes no new finalizer, but other changes',
    ['create', held('a', 'one')],
    ['delete', CONFIG_MAP, 'a'],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { finalizers: ['example.com/one', 'example.com/new'] } } }],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['create', held('a', 'one')],
  ),
  behaviour(
    'a finalizer needs a domain',
    ['create', configMap('a', {}, { finalizers: ['nodomain'] })],
    ['create', configMap('b', {}, { finalizers: ['exa mple.com/x'] })],
  ),
  behaviour(
    'an apply states finalizers and takes them back',
    ['apply', held('a', 'one')],
    ['apply', held('a', 'two'), { fieldManager: 'two' }],
    ['apply', configMap('a', {})],
  ),
  behaviour(
    'an owner reference needs all of its parts, and one controller at most',
    ['create', configMap('owner')],
    ['remember', 'owner'],
    ['create', configMap('a', {}, { ownerReferences: [{ ...owner, uid: undefined }] })],
    [
      'create',
      configMap(
        'a',
        {},
        {
          ownerReferences: [
            { ...owner, controller: true },
            { ...owner, uid: OTHER, controller: true },
          ],
        },
      ),
    ],
    ['create', configMap('a', {}, { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] })],
  ),
  behaviour(
    'owner references of an object merge by uid',
    ['create', configMap('owner')],
    ['remember', 'owner'],
    ['apply', configMap('a', {}, { ownerReferences: [owner] })],
    ['apply', configMap('a', {}, { ownerReferences: [{ ...owner, uid: OTHER }] }), { fieldManager: 'two' }],
    ['apply', configMap('a', {})],
  ),
  behaviour(
    'deletion in the foreground and as an orphan leave their finalizers, for a collector',
    ['create', deployment('a')],
    ['delete', DEPLOYMENT, 'a', { propagationPolicy: 'Foreground' }],
    ['create', deployment('b')],
    ['delete', DEPLOYMENT, 'b', { propagationPolicy: 'Orphan' }],
    ['create', deployment('c')],
    ['delete', DEPLOYMENT, 'c', { propagationPolicy: 'Background' }],
    ['send', 'DELETE', '/apis/apps/v1/namespaces/{{id}}/deployments/a', { propagationPolicy: 'Sideways' }],
  ),
  behaviour(
    'a pod on a node has its grace, one on none goes at once',
    ['create', pod('waiting')],
    ['delete', POD, 'waiting'],
    ['create', pod('running', { nodeName: 'node', terminationGracePeriodSeconds: 40 })],
    ['delete', POD, 'running'],
    ['get', POD, 'running'],
    ['delete', POD, 'running', { gracePeriodSeconds: 5 }],
    ['delete', POD, 'running', { gracePeriodSeconds: 0 }],
    ['get', POD, 'running'],
  ),
  behaviour(
    'a deletion is about the object that was seen',
    ['create', configMap('a')],
    ['remember', 'old'],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['delete', CONFIG_MAP, 'a', { preconditions: { uid: OTHER } }],
    ['delete', CONFIG_MAP, 'a', { preconditions: { resourceVersion: '{{old_rv}}' } }],
    ['delete', CONFIG_MAP, 'a', { preconditions: { uid: '{{old_uid}}' } }],
  ),
  behaviour(
    'a collection is deleted by a selector, and what has finalizers stays',
    ['create', configMap('a', {}, { labels: { go: 'yes' } })],
    ['create', configMap('b', {}, { labels: { go: 'yes' }, finalizers: ['example.com/hold'] })],
    ['create', configMap('c')],
    ['deleteAll', CONFIG_MAP, { labelSelector: 'go=yes' }],
    ['list', CONFIG_MAP],
    ['deleteAll', CONFIG_MAP, {}],
    ['list', CONFIG_MAP],
  ),
  behaviour(
    'a dry run of a collection deletes nothing',
    ['create', configMap('a')],
    ['deleteAll', CONFIG_MAP, {}, { dryRun: true }],
    ['list', CONFIG_MAP],
  ),
  behaviour(
    'a namespace that ends takes nothing new, and what is in it can go',
    ['create', make(NAMESPACE, '{{id}}-ends')],
    ['send', 'POST', '/api/v1/namespaces/{{id}}-ends/configmaps', held('a', 'one')],
    ['delete', NAMESPACE, '{{id}}-ends'],
    ['until', 403, ['send', 'POST', '/api/v1/namespaces/{{id}}-ends/configmaps?dryRun=All', configMap('b')]],
    [
      'send',
      'PATCH',
      '/api/v1/namespaces/{{id}}-ends/configmaps/a',
      { data: { a: '2' } },
      { 'content-type': 'application/merge-patch+json' },
    ],
    ['get', NAMESPACE, '{{id}}-ends'],
    [
      'send',
      'PUT',
      '/api/v1/namespaces/{{id}}-ends/finalize',
      { ...make(NAMESPACE, '{{id}}-ends'), spec: { finalizers: [] } },
    ],
    ['get', NAMESPACE, '{{id}}-ends'],
  ),
  behaviour(
    'namespaces of the system cannot be deleted',
    ['delete', NAMESPACE, 'default'],
    ['delete', NAMESPACE, 'kube-system'],
  ),
];
