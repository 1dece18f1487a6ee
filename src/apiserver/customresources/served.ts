import type { KubeObject } from 'nekube/apimachinery';
import type { ReplicasPaths } from '../field-manager/index.ts';
import type { ServedResource } from '../registry/served.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import {
  apiVersionIn,
  compareVersions,
  type Conversion,
  type Definition,
  type DefinitionVersion,
  hasCondition,
} from './definition.ts';
import { fieldManagersOf, mergeTypesOf, type Versions } from './field-managers.ts';
import { decode, formOf, normalize, settle, settleConverted, withDefaults } from './object-form.ts';
import { fieldsOfPath } from './json-path.ts';
import { ruleTreeOf } from './rule-tree.ts';
import { strategyOf } from './strategy.ts';
import { tableOf } from './table.ts';
import { WebhookConverter } from './webhook-converter.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** What definitions are served with. */
export interface ServingDeps {
  readonly now: () => Date;
  /** Calls the webhooks of conversion. */
  readonly webhooks: Pick<WebhookClient, 'post'>;
}

/** The served versions of a definition, as the handlers see them. */
export function serveDefinition(definition: Definition, { now, webhooks }: ServingDeps): ServedResource[] {
  const webhook = webhookOf(definition);
  const converter = webhook && new WebhookConverter(webhooks, webhook);
  const versions: Versions = {
    types: mergeTypesOf(definition),
    ...(converter && { convertLater: (object, apiVersion) => converter.convert(object, apiVersion) }),
  };
  return definition.spec.versions
    .filter((version) => version.served)
    .map((version) => serveVersion(definition, version, versions, now));
}

/** Who converts; undefined where the versions differ in their names alone. */
function webhookOf({ spec: { conversion } }: Definition): Conversion['webhook'] {
  return conversion?.strategy === 'Webhook' ? conversion.webhook : undefined;
}

/**
 * A version is its own hub: objects are handled in the version of the request, as kube-apiserver handles those of
 * custom resources, and get to the storage version when they are written.
 */
function serveVersion(
  definition: Definition,
  version: DefinitionVersion,
  versions: Versions,
  now: () => Date,
): ServedResource {
  const { group, names, scope } = definition.spec;
  const form = formOf(definition, version);
  const storage = formOf(definition, definition.spec.versions.find((v) => v.storage) ?? version);
  const { apiVersion, schema } = form;
  const webhook = webhookOf(definition);
  const settleStored = (object: KubeObject) => settle(object, form.schemas.get(object.apiVersion!) ?? schema);
  // defaults are those of the version that is stored; what was converted has no further ones
  const converted = webhook !== undefined || storage.apiVersion !== apiVersion;
  const fromHub = (object: KubeObject) => (converted ? settleConverted : settle)(object, schema);
  const read = (object: KubeObject) => fromHub(converted && !webhook ? settle(object, storage.schema) : object);
  const served: ServedResource = {
    group,
    version: version.name,
    apiVersion,
    resource: names.plural,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: scope === 'Namespaced',
    verbs: VERBS,
    subresources: subresourcesOf(version),
    hubApiVersion: apiVersion,
    keyPrefix: `/registry/${group}/${names.plural}/`,
    rules: strategyOf({ definition, version, schema, rules: ruleTreeOf(schema, true) }),
    custom: true,
    ...(webhook && { conversion: { storageApiVersion: storage.apiVersion, webhook, settleStored } }),
    ...(hasCondition(definition, 'Terminating') && { terminating: true }),
    ...(version.deprecated && { deprecation: version.deprecationWarning ?? deprecationOf(definition, version) }),
    goType: 'unstructured.Unstructured',
    decode: (value) => decode(value, form),
    settle: read,
    // with a webhook the storage converts, and answers show what was to be stored
    normalizeHub: (object) => normalize(object, webhook ? form : storage),
    toHub: (object) => object,
    fromHub,
    patchSchema: () => undefined,
    replicasPaths: replicasPathsOf(definition),
    fieldManager: (subresource) => managers(subresource),
    table: () => tableOf(version),
  };
  const managers = fieldManagersOf(served, versions, (merged) => withDefaults(merged, schema), now);
  return served;
}

/** What clients of a deprecated version are told: the most stable of the versions above it that is not. */
function deprecationOf({ spec: { group, names, versions } }: Definition, { name }: DefinitionVersion): string {
  const text = `${group}/${name} ${names.kind} is deprecated`;
  const [better] = versions
    .filter((other) => other.served && !other.deprecated && compareVersions(other.name, name) < 0)
    .map((other) => other.name)
    .sort(compareVersions);
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`;
}

function replicasPathsOf(definition: Definition): ReplicasPaths {
  const paths = definition.spec.versions.map((version) => {
    const path = version.subresources?.scale?.specReplicasPath;
    return [apiVersionIn(definition, version), path === undefined ? null : fieldsOfPath(path)] as const;
  });
  return Object.fromEntries(paths);
}

function subresourcesOf(version: DefinitionVersion): { name: string; verbs: string[] }[] {
  const verbs = ['get', 'patch', 'update'];
  const { status, scale } = version.subresources ?? {};
  return [...(status ? [{ name: 'status', verbs }] : []), ...(scale ? [{ name: 'scale', verbs }] : [])];
}
