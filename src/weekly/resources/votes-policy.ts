import type { KubeObject } from 'nekube/apimachinery';
import { WEEKLY_API } from './kinds.ts';

const NAME = 'votes.weekly.nekube.dev';
const API = 'admissionregistration.k8s.io/v1';

/** What `editorName` makes of the name of a user, in CEL. */
const VOTER_OF_USER =
  "request.userInfo.username.split('').map(c, c.matches('^[A-Za-z0-9.-]$') ? c.lowerAscii() : '-').join('')";

/**
 * Who may vote as whom, as a ValidatingAdmissionPolicy and its binding: everybody as who they are for the server, and as another only whoever may
 * impersonate that user, as administrators may. What removes the objects of a namespace is let through.
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
        { name: 'whole', expression: VOTER_OF_USER },
        { name: 'user', expression: 'size(variables.whole) > 63 ? variables.whole.substring(0, 63) : variables.whole' },
      ],
      validations: [
        {
          expression:
            "variables.user == variables.voter || authorizer.group('').resource('users').name(variables.voter).check('impersonate').allowed()",
          messageExpression: "'you are ' + variables.user + ' here, and may not vote as ' + variables.voter",
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
