import type { KubeObject } from 'nekube/apimachinery';
import { EDITOR_LENGTH, EDITOR_SHAPE, PLAIN_SHAPE } from '../newsroom/editor-name.ts';
import { WEEKLY_API } from './kinds.ts';

const NAME = 'votes.weekly.nekube.dev';
const API = 'admissionregistration.k8s.io/v1';

/** What `editorName` makes of the name of a user, in CEL, and what `sharedName` does. */
const NAMES_OF_USER = [
  { name: 'username', expression: 'request.userInfo.username' },
  { name: 'chars', expression: "variables.username.split('')" },
  {
    name: 'hidden',
    expression: "'%x'.format([variables.chars.filter(c, !c.matches('^[A-Za-z0-9.]$')).join('')])",
  },
  { name: 'cases', expression: "variables.chars.map(c, c.matches('^[A-Z]$') ? '1' : '0').join('')" },
  {
    name: 'upper',
    expression:
      "variables.cases.contains('1') ? 'u' + variables.cases.substring(0, variables.cases.lastIndexOf('1') + 1) : ''",
  },
  {
    name: 'marked',
    expression:
      "variables.chars.map(c, c.matches('^[A-Za-z0-9.]$') ? c.lowerAscii() : '-').join('') + '--' + variables.hidden + variables.upper",
  },
  {
    name: 'editor',
    expression: `variables.username.matches('${PLAIN_SHAPE}') ? variables.username : variables.marked.matches('${EDITOR_SHAPE}') && size(variables.marked) <= ${EDITOR_LENGTH} ? variables.marked : 'u--x' + '%x'.format([variables.username])`,
  },
  {
    name: 'whole',
    expression: "variables.chars.map(c, c.matches('^[A-Za-z0-9.-]$') ? c.lowerAscii() : '-').join('')",
  },
  { name: 'shared', expression: 'size(variables.whole) > 63 ? variables.whole.substring(0, 63) : variables.whole' },
];

/**
 * Who may vote as whom, as a ValidatingAdmissionPolicy and its binding: everybody as who they are for the server, and as another only whoever may
 * impersonate that user, as administrators may. A vote that says whose it is says so truly. One that does not is from before, and may be withdrawn by
 * each of those who had its name then. What removes the objects of a namespace is let through.
 */
export const VOTES_POLICY: readonly KubeObject[] = [
  {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [WEEKLY_API.split('/')[0]],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['votes'],
          },
        ],
      },
      matchConditions: [
        {
          name: 'not-by-the-control-plane',
          expression: "!('system:serviceaccounts:kube-system' in request.userInfo.groups)",
        },
      ],
      variables: [
        { name: 'voter', expression: 'object == null ? oldObject.spec.voter : object.spec.voter' },
        ...NAMES_OF_USER,
        {
          name: 'isOld',
          expression:
            "request.operation == 'DELETE' && !has(oldObject.spec.user) && variables.shared == variables.voter",
        },
      ],
      validations: [
        {
          expression:
            "variables.editor == variables.voter || variables.isOld || authorizer.group('').resource('users').name(variables.voter).check('impersonate').allowed()",
          messageExpression: "'you are ' + variables.editor + ' here, and may not vote as ' + variables.voter",
          reason: 'Forbidden',
        },
        {
          expression:
            "object == null || !has(object.spec.user) || object.spec.user == variables.username || authorizer.group('').resource('users').name(object.spec.user).check('impersonate').allowed()",
          messageExpression: "'you are ' + variables.username + ', and may not vote as ' + object.spec.user",
          reason: 'Forbidden',
        },
      ],
    },
  } as KubeObject,
  {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Deny'] },
  } as KubeObject,
];
