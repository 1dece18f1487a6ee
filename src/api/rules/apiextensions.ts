import { type KubeObject, nameIsDnsSubdomain, Path } from 'nekube/apimachinery';
import { definitionErrors } from './apiextensions/definition.ts';
import { formatWarnings } from './apiextensions/formats.ts';
import { checkNames } from './apiextensions/names.ts';
import type { SchemaChecks } from './apiextensions/schema.ts';
import type { ResourceRules } from './resource-rules.ts';
import { type Check, type Loose, validateWith } from './rule.ts';
import { raiseGeneration, takeOver } from './strategy.ts';

const checkStatus: Check = ({ status }, _path, context) =>
  checkNames(status?.acceptedNames, Path.of('status', 'acceptedNames'), context);

export type { SchemaChecks } from './apiextensions/schema.ts';

/** The rules of definitions of custom resources, with the checks that are made where those are served. */
export function customResourceDefinitionRules(checks?: SchemaChecks): ResourceRules {
  return {
    defaults: { '*': defaultDefinition },
    nameCheck: nameIsDnsSubdomain,
    prepareForCreate: (definition) => {
      definition.status = {};
      definition.metadata.generation = 1;
      rememberStorageVersion(definition);
    },
    prepareForUpdate: (definition, old) => {
      takeOver(definition, old, 'status');
      raiseGeneration(definition, old, ['spec']);
      rememberStorageVersion(definition);
    },
    resetFields: [['status']],
    validate: (definition) => definitionErrors(definition, undefined, checks),
    validateUpdate: (definition, old) => definitionErrors(definition, old, checks),
    warnings: formatWarnings,
    allowUnconditionalUpdate: false,
    returnsDeletedObject: true,
    twoPhaseDeletion: { begin: beginDeletion, isFinished: () => true },
    subresources: {
      status: {
        prepareForUpdate: (definition, old) => takeOver(definition, old, 'spec'),
        resetFields: [['spec']],
        validateUpdate: (definition, old) => validateWith(checkStatus, definition, old),
      },
    },
  };
}

/** The rules of apiextensions.k8s.io. */
export const apiextensionsRules: Readonly<Record<string, ResourceRules>> = {
  customresourcedefinitions: customResourceDefinitionRules(),
};

function defaultDefinition(definition: KubeObject): void {
  definition.spec ??= {};
  const { spec } = definition;
  spec.names ??= {};
  spec.names.singular ||= (spec.names.kind ?? '').toLowerCase();
  if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
  if (definition.status?.storedVersions?.length > 0) return;
  const storage = (spec.versions ?? []).find((version: Loose) => version.storage);
  if (storage) definition.status = { ...definition.status, storedVersions: [storage.name] };
}

/** The version that is stored from now on; earlier ones stay in the list until nothing is stored in them. */
function rememberStorageVersion(definition: KubeObject): void {
  const storage = (definition.spec.versions ?? []).find((version: Loose) => version.storage);
  const stored: string[] = definition.status?.storedVersions ?? [];
  if (!storage || stored.includes(storage.name)) return;
  definition.status = { ...definition.status, storedVersions: [...stored, storage.name] };
}

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** A definition goes when the last of its objects has. */
function beginDeletion(definition: KubeObject): void {
  const { metadata } = definition;
  metadata.finalizers = [...(metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP), CLEANUP];
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: metadata.deletionTimestamp,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const others = (definition.status?.conditions ?? []).filter((c: { type: string }) => c.type !== condition.type);
  definition.status = { ...definition.status, conditions: [...others, condition] };
}
