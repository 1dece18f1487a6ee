// Lists: in parts, by selectors, as of a revision, as tables and as metadata alone.
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  defined,
  definition,
  deployment,
  DEPLOYMENT,
  make,
  POD,
  pod,
  WIDGET,
  widget,
} from '../objects.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/{{id}}/configmaps';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

/** Five ConfigMaps, from a to e. */
const five = ['a', 'b', 'c', 'd', 'e'].map((name, i) => [
  'create',
  configMap(name, {}, { labels: { parity: i % 2 ? 'odd' : 'even', name } }),
]);

export const lists = [
  behaviour('a list has the objects by their names', ...five, ['list', CONFIG_MAP]),
  behaviour(
    'a list is read in parts, and each says how many are left',
    ...five,
    ['list', CONFIG_MAP, { limit: 2 }],
    ['send', 'GET', `${CONFIG_MAPS}?limit=2&continue={{next}}`],
    ['send', 'GET', `${CONFIG_MAPS}?limit=2&continue={{next}}`],
  ),
  behaviour(
    'a list in parts is as of its beginning',
    ...five,
    ['list', CONFIG_MAP, { limit: 2 }],
    (world) => {
      world.rest = world.next;
    },
    ['delete', CONFIG_MAP, 'c'],
    ['create', configMap('cc')],
    ['send', 'GET', `${CONFIG_MAPS}?continue={{rest}}`],
  ),
  behaviour(
    'a token that is none is refused',
    ['send', 'GET', `${CONFIG_MAPS}?limit=2&continue=none`],
    ['send', 'GET', `${CONFIG_MAPS}?limit=-1`],
    ['send', 'GET', `${CONFIG_MAPS}?limit=x`],
  ),
  ...[
    ['equality', 'parity=even'],
    ['inequality', 'parity!=even,name'],
    ['a set of values', 'name in (a, b),parity notin (odd)'],
    ['absence', '!parity'],
  ].map(([by, labelSelector]) => behaviour(`labels select by ${by}`, ...five, ['list', CONFIG_MAP, { labelSelector }])),
  behaviour(
    'a selector that cannot be read is refused',
    ['list', CONFIG_MAP, { labelSelector: 'a in b' }],
    ['list', CONFIG_MAP, { fieldSelector: 'metadata.name~a' }],
  ),
  behaviour(
    'fields select by name, and pods also by phase',
    ...five.slice(0, 2),
    ['list', CONFIG_MAP, { fieldSelector: 'metadata.name=b' }],
    ['create', pod('p')],
    ['list', POD, { fieldSelector: 'status.phase=Running' }],
    ['list', POD, { fieldSelector: 'status.phase!=Running,spec.nodeName=' }],
  ),
  behaviour(
    'a field that nobody can select by is refused',
    ['list', CONFIG_MAP, { fieldSelector: 'data.a=1' }],
    ['list', DEPLOYMENT, { fieldSelector: 'spec.replicas=1' }],
  ),
  behaviour(
    'a list as of an exact revision does not show what came later',
    ['create', configMap('a')],
    ['remember', 'then'],
    ['create', configMap('b')],
    ['list', CONFIG_MAP, { resourceVersion: '{{then_rv}}', resourceVersionMatch: 'Exact' }],
    ['send', 'GET', `${CONFIG_MAPS}?resourceVersionMatch=Exact`],
    ['send', 'GET', `${CONFIG_MAPS}?resourceVersion=0&resourceVersionMatch=Exact`],
  ),
  behaviour(
    'a list of the metadata alone has nothing else',
    ['create', configMap('a')],
    ['list', CONFIG_MAP, { metadataOnly: true }],
    ['get', CONFIG_MAP, 'a', { metadataOnly: true }],
  ),
  behaviour(
    'a table has the columns that kubectl shows',
    ['create', deployment('web')],
    ['create', pod('p')],
    ['send', 'GET', '/apis/apps/v1/namespaces/{{id}}/deployments', undefined, TABLE],
    ['send', 'GET', '/api/v1/namespaces/{{id}}/pods?includeObject=None', undefined, TABLE],
  ),
  behaviour(
    'a table of a kind of one’s own has the columns of its definition',
    defined(
      definition(
        { size: { type: 'integer' }, color: { type: 'string' } },
        {
          version: {
            additionalPrinterColumns: [
              { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'how big' },
              { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
              { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
            ],
          },
        },
      ),
    ),
    ['create', widget('w', { size: 1 })],
    ['send', 'GET', '/apis/{{id}}.example.com/v1/namespaces/{{id}}/widgets', undefined, TABLE],
    ['send', 'GET', '/apis/{{id}}.example.com/v1/namespaces/{{id}}/widgets/w?includeObject=Object', undefined, TABLE],
  ),
  behaviour(
    'a kind of one’s own is selected by the fields that its definition names',
    defined(
      definition({ color: { type: 'string' } }, { version: { selectableFields: [{ jsonPath: '.spec.color' }] } }),
    ),
    ['create', widget('r', { color: 'red' })],
    ['create', widget('b', { color: 'blue' })],
    ['list', WIDGET, { fieldSelector: 'spec.color=red' }],
    ['list', WIDGET, { fieldSelector: 'spec.size=1' }],
  ),
  behaviour(
    'an answer is of a type that the client takes',
    ['create', make(CONFIG_MAP, 'a')],
    ['send', 'GET', `${CONFIG_MAPS}/a`, undefined, { accept: 'text/html' }],
    ['send', 'GET', `${CONFIG_MAPS}/a`, undefined, { accept: 'text/html, */*' }],
  ),
];
