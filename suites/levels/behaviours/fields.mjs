// Dry runs, unknown and duplicate fields, and what a server warns of.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  defined,
  definition,
  deployment,
  DEPLOYMENT,
  make,
  pod,
  widget,
  WIDGET,
} from '../objects.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/{{id}}/configmaps';
const DUPLICATE = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"2"}}';

function typo() {
  const { apiVersion, kind, metadata, spec } = deployment('web');
  return { apiVersion, kind, metadata: { ...metadata, lables: {} }, spec: { ...spec, replica: 3 } };
}

export const fields = [
  behaviour(
    'a dry run of a create answers the object, which is not there then',
    ['create', configMap('a'), { dryRun: true }],
    ['get', CONFIG_MAP, 'a'],
    ['create', pod('Bad'), { dryRun: true }],
  ),
  behaviour(
    'dry runs of changes change nothing',
    ['create', configMap('a')],
    ['update', configMap('a', { a: '2' }), { dryRun: true }],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '3' } } }, { dryRun: true }],
    ['delete', CONFIG_MAP, 'a', { dryRun: true }],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour('a dry run of half is not known', ['send', 'POST', `${CONFIG_MAPS}?dryRun=Some`, configMap('a')]),
  behaviour('unknown fields are warned of', ['create', typo()]),
  behaviour('unknown fields are refused if that is asked for', ['create', typo(), { fieldValidation: 'Strict' }]),
  behaviour('unknown fields are dropped without a word if that is asked for', [
    'create',
    typo(),
    { fieldValidation: 'Ignore' },
  ]),
  behaviour(
    'a field that is there twice is warned of, or refused',
    ['send', 'POST', `${CONFIG_MAPS}?dryRun=All`, DUPLICATE],
    ['send', 'POST', `${CONFIG_MAPS}?fieldValidation=Strict`, DUPLICATE],
    ['send', 'POST', `${CONFIG_MAPS}?fieldValidation=Never`, DUPLICATE],
  ),
  behaviour(
    'unknown fields of patches are judged, too',
    ['create', deployment('web')],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replica: 3 } } }],
    ['patch', DEPLOYMENT, 'web', { merge: { spec: { replica: 3 } } }, { fieldValidation: 'Strict' }],
    ['patch', DEPLOYMENT, 'web', { strategic: { spec: { replica: 3 } } }, { fieldValidation: 'Strict' }],
  ),
  behaviour(
    'unknown fields of a kind of one’s own are pruned and warned of',
    defined(definition({ size: { type: 'integer' } })),
    ['create', widget('w', { size: 1, sise: 2 })],
    ['create', widget('x', { size: 1, sise: 2 }), { fieldValidation: 'Strict' }],
    ['patch', WIDGET, 'w', { merge: { spec: { sise: 3 } } }],
  ),
  behaviour(
    'a value of another type than the field has is refused',
    ['create', make(DEPLOYMENT, 'web', { ...deployment('web'), spec: { replicas: 'three' } })],
    ['create', make(CONFIG_MAP, 'a', { data: ['a'] })],
  ),
  behaviour(
    'a pod of which something is out of date is warned of',
    [
      'create',
      pod('p', { metadata: { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' } } }),
    ],
    ['create', pod('q', { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } })],
  ),
  behaviour('an environment variable that is there twice is warned of', [
    'create',
    pod('p', {
      containers: [
        {
          name: 'main',
          image: 'a',
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      ],
    }),
  ]),
  behaviour(
    'a version that is deprecated says so with each answer',
    defined(
      definition(
        { size: { type: 'integer' } },
        { version: { deprecated: true, deprecationWarning: 'example.com/v1 Widget goes away' } },
      ),
    ),
    ['create', widget('w', { size: 1 })],
    ['get', WIDGET, 'w'],
  ),
];
