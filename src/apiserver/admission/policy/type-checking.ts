import { openApiSchemas, type SchemaFacts, typeOf } from 'nekube/api';
import { apiVersionOf, type KubeObject, parseApiVersion } from 'nekube/apimachinery';
import {
  AUTHORIZER_TYPE,
  baseEnvironment,
  type CelType,
  declareType,
  DYN,
  type Environment,
  objectType,
  type Schema,
} from 'nekube/cel';
import type { Resources } from '../../registry/resources.ts';
import type { ServedResource } from '../../registry/served.ts';
import type { RuleWithOperations } from '../match/rules.ts';
import { REQUEST_TYPES } from './environment.ts';
import type { ValidatingSpec } from './validation.ts';

/** More kinds than this are not looked at. */
const MOST_KINDS = 10;

/** An expression that does not fit a kind that its policy is about. */
export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** What types are found with. */
export interface TypeSource {
  readonly resources: Resources;
  /** The definition of a custom resource, if it is one. */
  definitionOf(resource: ServedResource): Promise<KubeObject | undefined>;
}

/** A kind that a policy is about, with the type of its objects. */
interface CheckedKind {
  readonly name: string;
  readonly type: CelType;
}

/**
 * Checks the expressions of a policy against the schemas of the kinds that it names. They may be right although they do
 * not fit one of them, so all that comes of it is warnings.
 */
export async function checkTypes(spec: ValidatingSpec, source: TypeSource): Promise<ExpressionWarning[]> {
  const kinds = await kindsOf(spec.matchConstraints?.resourceRules ?? [], source);
  const params = spec.paramKind && (await paramsType(spec.paramKind.apiVersion, spec.paramKind.kind, source));
  const environments = kinds.map(({ name, type }) => ({ name, environment: environmentOf(spec, type, params) }));
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string): void => {
    const texts = environments.flatMap(({ name, environment }) => {
      const { issues } = environment.compile(expression);
      return issues.count === 0 ? [] : [`${name}: ${issues.toString()}\n`];
    });
    if (texts.length > 0) warnings.push({ fieldRef, warning: texts.join('\n') });
  };
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${i}].expression`, expression);
    if (messageExpression) check(`spec.validations[${i}].messageExpression`, messageExpression);
  }
  return warnings;
}

function environmentOf({ variables = [], paramKind }: ValidatingSpec, type: CelType, params?: CelType): Environment {
  const known = new Map<string, CelType>();
  const environment = baseEnvironment().extend({
    variables: {
      object: type,
      oldObject: type,
      ...REQUEST_TYPES,
      ...(paramKind && { params: params ?? DYN }),
      authorizer: AUTHORIZER_TYPE,
      variables: objectType('kubernetes.variables', (name) => {
        const found = known.get(name);
        return found && { type: found };
      }),
    },
  });
  for (const { name, expression } of variables)
    known.set(name, environment.compile(expression).expression?.outputType ?? DYN);
  return environment;
}

/** The kinds of rules that name them: a star names none, and a subresource is no kind. */
async function kindsOf(rules: readonly RuleWithOperations[], source: TypeSource): Promise<CheckedKind[]> {
  const resources = new Set<ServedResource>();
  for (const { apiGroups = [], apiVersions = [], resources: names = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const plain = names.filter((name) => !/[*/]/.test(name));
    for (const group of [...apiGroups].sort())
      for (const version of [...apiVersions].sort())
        for (const name of [...plain].sort()) {
          const found = source.resources.find(group, version, name);
          if (found !== undefined && resources.size < MOST_KINDS) resources.add(found);
        }
  }
  const sorted = [...resources].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const kinds: CheckedKind[] = [];
  for (const resource of sorted) {
    const type = await typeOfResource(resource, source);
    if (type !== undefined) kinds.push({ name: `${apiVersionText(resource)}, Kind=${resource.kind}`, type });
  }
  return kinds;
}

function sortKey({ group, version, kind }: ServedResource): string {
  return [group, version, kind].join('\0');
}

/** A group and version as Go prints a kind; the core group is empty there. */
function apiVersionText({ group, version }: ServedResource): string {
  return `${group}/${version}`;
}

async function paramsType(apiVersion: string, kind: string, source: TypeSource): Promise<CelType | undefined> {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  const resource = source.resources.ofKind(group, version, kind);
  return resource && typeOfResource(resource, source);
}

async function typeOfResource(resource: ServedResource, source: TypeSource): Promise<CelType | undefined> {
  const schema = resource.custom
    ? definedSchema(await source.definitionOf(resource), resource.version)
    : builtinSchema(apiVersionOf(resource), resource.kind);
  return schema && declareType(schema, { name: resource.kind, isResource: true })?.type;
}

function definedSchema(definition: KubeObject | undefined, version: string): Schema | undefined {
  const versions: readonly { name: string; schema?: { openAPIV3Schema?: Schema } }[] = definition?.spec.versions ?? [];
  return versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
}

function builtinSchema(apiVersion: string, kind: string): Schema | undefined {
  const { schemaName } = typeOf(apiVersion, kind) ?? {};
  const facts = schemaName === undefined ? undefined : openApiSchemas()[schemaName];
  return facts && resolved(facts, new Set());
}

/** A schema with its references resolved; undefined for what leads back to itself. */
function resolved(facts: SchemaFacts, on: ReadonlySet<string>): Schema | undefined {
  const reference = facts.$ref ?? (facts.allOf?.length === 1 ? facts.allOf[0]!.$ref : undefined);
  if (reference !== undefined) {
    const name = reference.split('/').at(-1)!;
    const target = openApiSchemas()[name];
    return on.has(name) || target === undefined ? undefined : resolved(target, new Set([...on, name]));
  }
  const { properties, items, additionalProperties, allOf: _allOf, oneOf, $ref: _ref, ...rest } = facts;
  const fields = Object.entries(properties ?? {}).flatMap(([name, property]): [string, Schema][] => {
    const schema = resolved(property, on);
    return schema === undefined ? [] : [[name, schema]];
  });
  const element = items && resolved(items, on);
  const values = additionalProperties && resolved(additionalProperties, on);
  return {
    ...(rest as Schema),
    ...(oneOf && rest.type === undefined && { type: 'string' }),
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(element && { items: element }),
    ...(values && { additionalProperties: values }),
  };
}
