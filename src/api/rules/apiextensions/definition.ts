import {
  type FieldError,
  invalid,
  isDns1035Label,
  isDns1123Subdomain,
  jsonEqual,
  type KubeObject,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { checkImmutable, type Loose, requiredOneOf, type RuleContext } from '../rule.ts';
import { checkApproval } from './approval.ts';
import { checkConversion } from './conversion.ts';
import { type InternalDefinition, internalDefinition, schemasOf, walkSchema } from './internal.ts';
import { goVersion } from './go-schema.ts';
import { checkNames } from './names.ts';
import { checkColumns, checkDeprecation, checkSubresources } from './parts.ts';
import { type SchemaChecks, schemaErrors } from './schema.ts';
import { selectableFieldErrors } from './selectable-fields.ts';

const specPath = Path.of('spec');

/** The context of a definition's checks. */
interface DefinitionContext extends RuleContext {
  readonly checks: SchemaChecks | undefined;
  /** Stored defaults with unknown fields may stay, and others come. */
  readonly prunedDefaults: boolean;
}

/** The defects of a definition; `checks` are those that are made where its objects are served. */
export function definitionErrors(object: Loose, old: Loose, checks: SchemaChecks | undefined): FieldError[] {
  const prunedDefaults = old === undefined || !hasUnprunedDefaults(old, checks);
  const context: DefinitionContext = { errors: [], object, old, checks, prunedDefaults };
  checkDefinition(object, Path.root, context);
  return context.errors;
}

function hasUnprunedDefaults(old: Loose, checks: SchemaChecks | undefined): boolean {
  if (checks === undefined) return false;
  return schemasOf(internalDefinition(old)).some((schema) =>
    checks.defaults(schema, Path.root, true).some(({ message }) => message.endsWith('must not have unknown fields')),
  );
}

/** Everything that is checked of a definition on create, and on update but for what may not change. */
function checkDefinition(object: Loose, path: Path, context: DefinitionContext): void {
  const definition = internalDefinition(object);
  if (!context.old) checkName(object, context.errors);
  checkSpec(definition, context);
  if (context.old) checkUnchanged(object, context.old, context.errors);
  checkNames(object.status?.acceptedNames, Path.of('status', 'acceptedNames'), context);
  checkStoredVersions(object, Path.of('status', 'storedVersions'), context.errors);
  checkApproval(object, path, context);
  if (object.spec?.preserveUnknownFields === true && context.old?.spec?.preserveUnknownFields !== true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    context.errors.push(invalid(specPath.child('preserveUnknownFields'), true, detail));
  }
}

function checkName({ metadata, spec }: KubeObject, errors: FieldError[]): void {
  const wanted = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  for (const [field, name] of [
    ['generateName', metadata.generateName],
    ['name', metadata.name],
  ] as const) {
    if (!name || name === wanted) continue;
    errors.push(invalid(Path.of('metadata', field), name, 'must be spec.names.plural+"."+spec.group'));
  }
}

function checkSpec(definition: InternalDefinition, context: DefinitionContext): void {
  const { spec = {} } = definition.object;
  const { errors } = context;
  checkGroup(spec.group ?? '', specPath.child('group'), errors);
  requiredOneOf('Cluster', 'Namespaced')(spec.scope, specPath.child('scope'), context);
  checkSchemasGiven(definition, context);
  if (spec.preserveUnknownFields === true && schemasOf(definition).some(hasDefaults)) {
    const detail = 'must be false in order to use defaults in the schema';
    errors.push(invalid(specPath.child('preserveUnknownFields'), true, detail));
  }
  definition.versions.forEach((version, i) =>
    checkVersion(definition, version, specPath.child('versions').index(i), context),
  );
  checkVersionList(definition, errors);
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    if (!spec.names?.[field]) errors.push(requiredError(specPath.child('names', field)));
  }
  checkNames(spec.names, specPath.child('names'), context);
  checkShared(definition, context);
  checkUnpruned(spec, context.errors);
  checkConversion(spec.conversion, specPath.child('conversion'), context);
}

function hasDefaults(schema: Loose): boolean {
  return [...walkSchema(schema)].some((part) => (part.default ?? null) !== null);
}

function checkGroup(group: string, path: Path, errors: FieldError[]): void {
  const messages = isDns1123Subdomain(group);
  if (group === '') errors.push(requiredError(path));
  else if (messages.length > 0) errors.push(invalid(path, group, messages.join(',')));
  else if (!group.includes('.')) errors.push(invalid(path, group, 'should be a domain with at least one dot'));
}

/** What keeps unknown fields is not converted. */
function checkUnpruned({ preserveUnknownFields, conversion }: Loose, errors: FieldError[]): void {
  if (preserveUnknownFields !== true || !conversion || conversion.strategy === 'None') return;
  const detail = 'must be None if spec.preserveUnknownFields is true';
  errors.push(invalid(specPath.child('conversion', 'strategy'), conversion.strategy ?? '', detail));
}

/** Every version has a schema; definitions that were stored without may stay without. */
function checkSchemasGiven(definition: InternalDefinition, { errors, old }: RuleContext): void {
  if (definition.validation?.openAPIV3Schema) return;
  const strict = !old || schemasOf(internalDefinition(old)).length > 0;
  definition.versions.forEach(({ schema, served }, i) => {
    const at = specPath.child('versions').index(i).child('schema', 'openAPIV3Schema');
    if (schema?.openAPIV3Schema || (!strict && !served)) return;
    errors.push(requiredError(at, strict ? '' : 'because otherwise all fields are pruned'));
  });
}

function checkVersion(definition: InternalDefinition, version: Loose, path: Path, context: DefinitionContext): void {
  const { errors } = context;
  const messages = isDns1035Label(version.name ?? '');
  if (messages.length > 0) errors.push(invalid(path.child('name'), version.name ?? '', messages.join(',')));
  checkDeprecation(version, path.child('deprecationWarning'), context);
  const perVersion = definition.versions.some(({ subresources }) => subresources);
  const subresources = perVersion ? version.subresources : definition.subresources;
  const { checks, prunedDefaults, old } = context;
  const unchanged = isUnchanged(version.schema, version.name, old);
  const options = { hasStatus: hasStatus(subresources), checks, prunedDefaults, unchanged };
  errors.push(...schemaErrors(version.schema, options, path.child('schema')));
  checkSubresources(version.subresources, path.child('subresources'), context);
  checkColumns(version.additionalPrinterColumns, path.child('additionalPrinterColumns'), context);
  const fields: Loose[] = version.selectableFields ?? [];
  const at = path.child('selectableFields');
  const schema = version.schema?.openAPIV3Schema ?? definition.validation?.openAPIV3Schema;
  if (fields.length === 0) return;
  if (!version.schema?.openAPIV3Schema) {
    const detail = 'may only be set when `version.schema.openAPIV3Schema` is not included';
    errors.push(invalid(at, '', detail));
  } else errors.push(...selectableFieldErrors(fields, schema, at, keepsFields(fields, version.name, context.old)));
}

/** The stored definition has this schema for the version. */
function isUnchanged(schema: Loose, version: string, old: Loose): boolean {
  const stored: Loose[] = old?.spec?.versions ?? [];
  return stored.some(({ name, schema: before }) => name === version && jsonEqual(before ?? null, schema ?? null));
}

function hasStatus(subresources: Loose): boolean {
  return (subresources?.status ?? null) !== null;
}

function keepsFields(fields: Loose[], version: string | undefined, old: Loose): boolean {
  const versions: Loose[] = old?.spec?.versions ?? [];
  const stored = version === undefined ? versions : versions.filter(({ name }) => name === version);
  return stored.some(({ selectableFields }) => jsonEqual(selectableFields ?? [], fields));
}

/** Names are unique, and one version is stored. */
function checkVersionList({ object, versions }: InternalDefinition, errors: FieldError[]): void {
  const names = versions.map(({ name }) => name);
  const path = specPath.child('versions');
  const shown = object.spec?.versions && versions.map(goVersion);
  const report = (detail: string) => errors.push(invalidGo(path, '[]CustomResourceDefinitionVersion', shown, detail));
  if (new Set(names).size < names.length) report('must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1) {
    report('must have exactly one version marked as storage version');
  }
  const messages = names.length > 0 && names[0] ? isDns1035Label(names[0]) : [];
  if (messages.length > 0) errors.push(invalid(specPath.child('version'), names[0], messages.join(',')));
}

/** What all versions have in common. */
function checkShared(definition: InternalDefinition, context: DefinitionContext): void {
  const { versions, validation, subresources } = definition;
  const anyStatus = hasStatus(subresources) || versions.some((version) => hasStatus(version.subresources));
  const { checks, prunedDefaults, old } = context;
  const unchanged = versions.every(({ name }) => isUnchanged(validation, name, old));
  const options = { hasStatus: anyStatus, checks, prunedDefaults, unchanged };
  context.errors.push(...schemaErrors(validation, options, specPath.child('validation')));
  checkSubresources(subresources, specPath.child('subresources'), context);
  checkColumns(definition.additionalPrinterColumns, specPath.child('additionalPrinterColumns'), context);
  const fields: Loose[] = definition.selectableFields ?? [];
  const at = specPath.child('selectableFields');
  if (fields.length === 0) return;
  if (!validation) context.errors.push(invalid(at, '', 'may only be set when validations.schema is included'));
  else {
    const kept = keepsFields(fields, undefined, context.old);
    context.errors.push(...selectableFieldErrors(fields, validation.openAPIV3Schema, at, kept));
  }
}

/** Scope and kind stay from the moment on that the definition is established. */
function checkUnchanged({ spec }: KubeObject, old: KubeObject, errors: FieldError[]): void {
  const conditions: Loose[] = old.status?.conditions ?? [];
  const names = specPath.child('names');
  if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) {
    checkImmutable(spec.scope ?? '', old.spec.scope, specPath.child('scope'), errors);
    checkImmutable(spec.names?.kind ?? '', old.spec.names?.kind, names.child('kind'), errors);
  }
  checkImmutable(spec.group ?? '', old.spec.group, specPath.child('group'), errors);
  checkImmutable(spec.names?.plural ?? '', old.spec.names?.plural, names.child('plural'), errors);
}

/** A version in which objects may be stored stays until none is. */
function checkStoredVersions({ spec, status }: KubeObject, path: Path, errors: FieldError[]): void {
  const stored: string[] | undefined = status?.storedVersions ?? undefined;
  const versions: Loose[] = spec?.versions ?? [];
  if (!stored || stored.length === 0) {
    errors.push(invalid(path, stored, 'must have at least one stored version'));
    return;
  }
  const unseen = new Set(stored);
  for (const { name, storage } of versions) {
    if (!unseen.delete(name) && storage) errors.push(invalid(path, stored, `must have the storage version ${name}`));
  }
  for (const name of unseen) {
    const why = `${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(path.index(stored.lastIndexOf(name)), name, `missing from spec.versions; ${why}`));
  }
}
