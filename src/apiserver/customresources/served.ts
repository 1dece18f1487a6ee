import type { KubeObject } from 'nekube/apimachinery';
import type { ServedResource } from '../registry/served.ts';
import { compareVersions, type Definition, type DefinitionVersion, hasCondition } from './definition.ts';
import { fieldManagersOf, mergeTypesOf, type MergeTypes } from './field-managers.ts';
import { decode, formOf, normalize, settle, settleConverted, withDefaults } from './object-form.ts';
import { ruleTreeOf } from './rule-tree.ts';
import { strategyOf } from './strategy.ts';
import { tableOf } from './table.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** The served versions of a definition, as the handlers see them. */
export function serveDefinition(definition: Definition, now: () => Date): ServedResource[] {
  const versions = definition.spec.versions.filter((version) => version.served);
  const types = mergeTypesOf(definition, versions);
  return versions.map((version) => serveVersion(definition, version, types, now));
}

/**
 * A version is its own hub: objects are handled in the version of the request, as kube-apiserver handles those of
 * custom resources, and get to the storage version when they are written.
 */
function serveVersion(
  definition: Definition,
  version: DefinitionVersion,
  types: MergeTypes,
  now: () => Date,
): ServedResource {
  const { group, names, scope } = definition.spec;
  const form = formOf(definition, version);
  const storage = formOf(definition, definition.spec.versions.find((v) => v.storage) ?? version);
  const { apiVersion, schema } = form;
  const { strategy, webhook: configured } = definition.spec.conversion ?? {};
  const webhook = strategy === 'Webhook' ? configured : undefined;
  const settleStored = (object: KubeObject) => settle(object, form.schemas.get(object.apiVersion!) ?? schema);
  // what a webhook converted has no further defaults
  const settled = (object: KubeObject) => (webhook ? settleConverted(object, schema) : settle(object, schema));
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
    settle: settled,
    // with a webhook the storage converts, and answers show what was to be stored
    normalizeHub: (object) => normalize(object, webhook ? form : storage),
    toHub: (object) => object,
    fromHub: settled,
    patchSchema: () => undefined,
    fieldManager: (subresource) => managers(subresource),
    table: () => tableOf(version),
  };
  const managers = fieldManagersOf(served, types, (merged) => withDefaults(merged, schema), now);
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

function subresourcesOf(version: DefinitionVersion): { name: string; verbs: string[] }[] {
  const verbs = ['get', 'patch', 'update'];
  const { status, scale } = version.subresources ?? {};
  return [...(status ? [{ name: 'status', verbs }] : []), ...(scale ? [{ name: 'scale', verbs }] : [])];
}
