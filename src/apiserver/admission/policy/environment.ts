import type { ExpressionUse } from 'nekube/api';
import {
  AUTHORIZER_TYPE,
  baseEnvironment,
  BOOL,
  type CelType,
  DYN,
  type Environment,
  INT,
  JSON_PATCH_LIBRARY,
  JSON_PATCH_TYPE,
  listType,
  makeMutationObject,
  mapType,
  mutationType,
  NULL,
  objectType,
  RESOURCE_CHECK_TYPE,
  STRING,
  TIMESTAMP,
} from 'nekube/cel';

/** What an expression may be about, beside the request. */
export interface EnvironmentUse {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** `Object{…}` and `JSONPatch{…}` can be made. */
  readonly patches: boolean;
}

/** What the expressions of each use must give; anything where the list is empty. */
export const OUTPUTS: Readonly<Record<ExpressionUse | 'variable', readonly CelType[]>> = {
  condition: [BOOL],
  message: [STRING],
  annotation: [STRING, NULL],
  applyConfiguration: [objectType('Object')],
  jsonPatch: [listType(JSON_PATCH_TYPE)],
  variable: [],
};

function struct(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  return objectType(name, (field) => {
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return type && { type };
  });
}

const KIND = struct('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = struct('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });

const USER = struct('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listType(STRING),
  extra: mapType(STRING, listType(STRING)),
});

/** The type of `request`. */
const REQUEST = struct('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

const NAMESPACE_METADATA = struct('kubernetes.NamespaceMetadata', {
  name: STRING,
  generateName: STRING,
  namespace: STRING,
  labels: mapType(STRING, STRING),
  annotations: mapType(STRING, STRING),
  UID: STRING,
  creationTimestamp: TIMESTAMP,
  deletionGracePeriodSeconds: INT,
  deletionTimestamp: TIMESTAMP,
  generation: INT,
  resourceVersion: STRING,
  finalizers: listType(STRING),
});

const NAMESPACE_CONDITION = struct('kubernetes.NamespaceCondition', {
  status: STRING,
  type: STRING,
  lastTransitionTime: TIMESTAMP,
  message: STRING,
  reason: STRING,
});

/** The type of `namespaceObject`. */
const NAMESPACE = struct('kubernetes.Namespace', {
  metadata: NAMESPACE_METADATA,
  spec: struct('kubernetes.NamespaceSpec', { finalizers: listType(STRING) }),
  status: struct('kubernetes.NamespaceStatus', { conditions: listType(NAMESPACE_CONDITION), phase: STRING }),
});

/** The names in expressions beside their objects and parameters. */
export const REQUEST_TYPES: Readonly<Record<'request' | 'namespaceObject', CelType>> = {
  request: REQUEST,
  namespaceObject: NAMESPACE,
};

const made = new Map<string, Environment>();

/** The names that expressions about a request can use; objects and parameters may be anything. */
export function environmentFor(use: EnvironmentUse): Environment {
  const key = JSON.stringify([use.params, use.authorizer, use.patches]);
  let environment = made.get(key);
  if (environment === undefined) made.set(key, (environment = makeEnvironment(use)));
  return environment;
}

function makeEnvironment({ params, authorizer, patches }: EnvironmentUse): Environment {
  const environment = baseEnvironment().extend({
    variables: {
      object: DYN,
      oldObject: DYN,
      ...REQUEST_TYPES,
      ...(params && { params: DYN }),
      ...(authorizer && { authorizer: AUTHORIZER_TYPE, 'authorizer.requestResource': RESOURCE_CHECK_TYPE }),
    },
  });
  if (!patches) return environment;
  return environment.extend({
    functions: JSON_PATCH_LIBRARY,
    objectType: mutationType,
    makeObject: makeMutationObject,
  });
}
