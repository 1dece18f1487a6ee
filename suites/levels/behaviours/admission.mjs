// Webhooks and policies: who refuses, who changes, who warns, and what happens when nobody answers.
import { hooked } from '../hooks.mjs';
import {
  behaviour,
  CONFIG_MAP,
  configMap,
  make,
  MUTATING_WEBHOOKS,
  POLICY,
  POLICY_BINDING,
  VALIDATING_WEBHOOKS,
} from '../objects.mjs';

const PROBE = ['create', configMap('probe'), { dryRun: true }];
const NOWHERE = { clientConfig: { url: 'https://127.0.0.1:1/none' }, timeoutSeconds: 1 };

/** Steps that put a policy in force in the behaviour's namespace. */
function policy(spec, binding = { validationActions: ['Deny'] }) {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{{id}}' } } };
  return [
    ['create', make(POLICY, '{{id}}', { spec: { matchConstraints: { resourceRules: [rule] }, ...spec } })],
    ['create', make(POLICY_BINDING, '{{id}}', { spec: { policyName: '{{id}}', matchResources, ...binding } })],
  ];
}

export const admission = [
  behaviour(
    'a webhook refuses with its message',
    hooked(VALIDATING_WEBHOOKS, '/deny'),
    ['until', 403, PROBE],
    ['create', configMap('a')],
    ['list', CONFIG_MAP],
  ),
  behaviour('a webhook refuses with its code and reason', hooked(VALIDATING_WEBHOOKS, '/teapot'), [
    'until',
    418,
    PROBE,
  ]),
  behaviour('a webhook warns and lets pass', hooked(VALIDATING_WEBHOOKS, '/warn'), (world) => waitForWarning(world), [
    'create',
    configMap('a'),
  ]),
  behaviour(
    'a webhook changes what is created, and the manager who created it owns that',
    hooked(MUTATING_WEBHOOKS, '/label'),
    ['until', 201, PROBE, 'hooked'],
    ['create', configMap('a')],
    ['apply', configMap('b')],
    ['apply', configMap('b')],
  ),
  behaviour(
    'what does not match the conditions of a webhook does not reach it',
    hooked(VALIDATING_WEBHOOKS, '/deny', {
      matchConditions: [
        { name: 'not-ours', expression: '!has(object.metadata.labels) || !("ours" in object.metadata.labels)' },
      ],
    }),
    ['until', 403, PROBE],
    ['create', configMap('a', {}, { labels: { ours: 'yes' } })],
  ),
  behaviour(
    'a webhook is asked about what its object selector names',
    hooked(VALIDATING_WEBHOOKS, '/deny', { objectSelector: { matchLabels: { ask: 'yes' } } }),
    ['until', 403, ['create', configMap('probe', {}, { labels: { ask: 'yes' } }), { dryRun: true }]],
    ['create', configMap('a')],
    ['patch', CONFIG_MAP, 'a', { merge: { metadata: { labels: { ask: 'yes' } } } }],
  ),
  behaviour('a webhook that is not there fails the request', hooked(VALIDATING_WEBHOOKS, '/deny', NOWHERE), [
    'until',
    500,
    PROBE,
  ]),
  behaviour(
    'a webhook that is not there is passed over if it may fail',
    hooked(VALIDATING_WEBHOOKS, '/deny', {
      ...NOWHERE,
      failurePolicy: 'Ignore',
    }),
    ['create', configMap('a')],
    hooked(MUTATING_WEBHOOKS, '/label'),
    ['until', 201, PROBE, 'hooked'],
  ),
  behaviour(
    'a webhook with side effects is not asked in a dry run',
    hooked(VALIDATING_WEBHOOKS, '/deny', { sideEffects: 'NoneOnDryRun' }),
    ['until', 403, PROBE],
    hooked(MUTATING_WEBHOOKS, '/label', { sideEffects: 'Some' }),
  ),
  behaviour(
    'a condition that does not compile is refused with the webhook',
    hooked(VALIDATING_WEBHOOKS, '/deny', {
      matchConditions: [
        { name: 'bad', expression: 'object.' },
        { name: 'no bool', expression: '1' },
      ],
    }),
  ),
  behaviour(
    'a policy denies in its own words',
    ...policy({
      validations: [
        { expression: 'object.data.size() < 2', message: 'one entry is enough' },
        {
          expression: '!("bad" in object.data)',
          messageExpression: '"bad is " + object.data["bad"]',
          reason: 'Invalid',
        },
      ],
    }),
    ['until', 422, ['create', configMap('probe', { a: '1', b: '1' }), { dryRun: true }]],
    ['create', configMap('a', { bad: 'wrong' })],
    ['create', configMap('b', { good: 'right' })],
  ),
  behaviour(
    'a policy may warn instead',
    ...policy({ validations: [{ expression: 'false', message: 'never right' }] }, { validationActions: ['Warn'] }),
    (world) => waitForWarning(world),
    ['create', configMap('a')],
  ),
  behaviour(
    'a policy has variables, conditions and parameters',
    ...policy(
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'not-the-parameter', expression: 'object.metadata.name != "limits"' }],
        variables: [{ name: 'most', expression: 'int(params.data.most)' }],
        validations: [
          {
            expression: 'object.data.size() <= variables.most',
            messageExpression: '"at most " + string(variables.most)',
          },
        ],
      },
      {
        validationActions: ['Deny'],
        paramRef: { name: 'limits', namespace: '{{id}}', parameterNotFoundAction: 'Allow' },
      },
    ),
    ['create', configMap('limits', { most: '1' })],
    ['until', 422, ['create', configMap('probe', { a: '1', b: '1' }), { dryRun: true }], 'at most 1'],
    ['create', configMap('a')],
    ['update', configMap('limits', { most: '2' })],
    ['until', 201, ['create', configMap('b', { a: '1', b: '1' }), { dryRun: true }]],
  ),
  behaviour(
    'a policy whose expression fails denies, or is passed over',
    ...policy({ validations: [{ expression: 'object.data["none"] == "x"' }] }),
    ['until', 422, PROBE],
    ['patch', POLICY, '{{id}}', { merge: { spec: { failurePolicy: 'Ignore' } } }],
    ['until', 201, PROBE],
  ),
  behaviour(
    'a policy that does not compile is refused or warned of',
    ['create', make(POLICY, '{{id}}', { spec: { validations: [{ expression: 'object.' }] } })],
    ['create', make(POLICY_BINDING, '{{id}}', { spec: { policyName: '{{id}}', validationActions: ['Deny', 'Warn'] } })],
  ),
];

/** What only warns is in force when a dry run warns. */
async function waitForWarning(world) {
  await world.eventually(async () => {
    const { headers, body } = await world.client.open({
      method: 'POST',
      path: `/api/v1/namespaces/${world.id}/configmaps?dryRun=All`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(configMap('probe')),
    });
    for await (const _ of body);
    return headers.warning;
  });
}
