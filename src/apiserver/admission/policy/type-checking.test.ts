import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { Resources } from '../../registry/resources.ts';
import { checkTypes } from './type-checking.ts';
import type { ValidatingSpec, Validation } from './validation.ts';

const source = {
  resources: new Resources(() => new Date(0)),
  definitionOf: async (): Promise<undefined | KubeObject> => undefined,
};
const rule = (group: string, ...resources: string[]) => ({ apiGroups: [group], apiVersions: ['v1'], resources });
const about = (...resourceRules: ReturnType<typeof rule>[]) => ({ matchConstraints: { resourceRules } });
const deployments = about(rule('apps', 'deployments'));

interface Case {
  readonly name: string;
  readonly spec: ValidatingSpec;
  readonly validations: readonly Validation[];
  /** `field: first line of the warning` of each. */
  readonly warnings: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'fields that are there fit',
    spec: deployments,
    validations: [{ expression: 'object.spec.replicas > 1 && oldObject.metadata.labels.all(k, k != "")' }],
    warnings: [],
  },
  {
    name: 'a field that is not there is told with the kind',
    spec: deployments,
    validations: [{ expression: 'object.spec.replicass > 1' }],
    warnings: [
      "spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicass'",
    ],
  },
  {
    name: 'messages are checked, and variables have types',
    spec: { ...deployments, variables: [{ name: 'v', expression: 'object.spec.replicas' }] },
    validations: [{ expression: 'variables.v > 1', messageExpression: 'string(object.nope)' }],
    warnings: [
      "spec.validations[0].messageExpression: apps/v1, Kind=Deployment: ERROR: <input>:1:14: undefined field 'nope'",
    ],
  },
  {
    name: 'the core group has no name',
    spec: about(rule('', 'configmaps')),
    validations: [{ expression: 'object.spec.x' }],
    warnings: ["spec.validations[0].expression: /v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'spec'"],
  },
  {
    name: 'stars and subresources name no kind',
    spec: about(rule('*', 'pods'), rule('', '*'), rule('', 'pods/status')),
    validations: [{ expression: 'object.nope' }],
    warnings: [],
  },
  {
    name: 'parameters have the type of their kind',
    spec: { ...deployments, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    validations: [{ expression: 'params.data.x == "1" && params.spec == 1' }],
    warnings: ["spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:31: undefined field 'spec'"],
  },
  {
    name: 'a schema that leads back to itself is left open where it does',
    spec: about(rule('apiextensions.k8s.io', 'customresourcedefinitions')),
    validations: [{ expression: 'object.spec.group != ""' }],
    warnings: [],
  },
];

describe('the types of a policy', () => {
  for (const { name, spec, validations, warnings } of cases)
    test(name, async () => {
      const found = await checkTypes({ ...spec, validations }, source);
      assert.deepEqual(
        found.map(({ fieldRef, warning }) => `${fieldRef}: ${warning.split('\n')[0]}`),
        warnings,
      );
    });
});
