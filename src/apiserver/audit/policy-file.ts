import {
  aggregateErrors,
  type FieldError,
  invalid,
  isDns1123Subdomain,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  notSupported,
  parseYaml,
  Path,
  required,
  strictFieldError,
} from 'nekube/apimachinery';
import { jsonKind } from '../body.ts';
import {
  AUDIT_LEVELS,
  AUDIT_STAGES,
  type AuditLevel,
  type AuditPolicy,
  type AuditRule,
  type AuditStage,
  type GroupResources,
} from './policy.ts';

const API_VERSION = 'audit.k8s.io/v1';
/** Kinds of the group that a file may name, and that are no policy. */
const OTHER_KINDS = ['Event', 'EventList', 'PolicyList'];
const META_STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * Reads the text of an audit policy, YAML or JSON.
 *
 * @param warn is told of fields that are unknown or come twice, which are passed over
 * @throws Error with kube-apiserver's message
 */
export function parseAuditPolicy(text: string, warn: (message: string) => void): AuditPolicy {
  const duplicates: string[] = [];
  const value = decoding(() => parseYaml(text, { duplicates })) ?? {};
  if (!isJsonObject(value))
    throw undecodable(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go value of type ${META_STRUCT}`,
    );
  const reader = new PolicyReader();
  const typed = checkType(value);
  const policy = typed ? decoding(() => reader.read(value)) : undefined;
  const unknown = typed ? reader.unknown : Object.keys(value).filter((key) => key !== 'kind' && key !== 'apiVersion');
  const strict = strictTexts(unknown, duplicates);
  if (strict.length > 0) warn(`strict decoding error: ${strict.join(', ')}`);
  if (policy === undefined)
    throw new Error('unknown group version field audit.k8s.io/__internal, Kind=Policy in policy');
  const errors = validate(policy);
  if (errors.length > 0) throw new Error(aggregateErrors(errors));
  if (policy.rules.length === 0) throw new Error('loaded illegal policy with 0 rules');
  return policy;
}

function undecodable(why: string): Error {
  return new Error(`failed decoding: ${why}`);
}

function decoding<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw undecodable((error as Error).message);
  }
}

function strictTexts(unknown: readonly string[], duplicates: readonly string[]): string[] {
  const twice = duplicates.length > 0 ? [`yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`] : [];
  return [...twice, ...unknown.map((path) => strictFieldError('unknown', path))];
}

/** False where the value does not say what it is. @throws Error if it says that it is something else */
function checkType({ kind, apiVersion }: JsonObject): boolean {
  if (!kind || !apiVersion) return false;
  if (apiVersion === API_VERSION && kind === 'Policy') return true;
  if (apiVersion === API_VERSION && OTHER_KINDS.includes(String(kind)))
    throw undecodable(`converting (v1.${String(kind)}) to (audit.Policy): unknown conversion`);
  const scheme = 'in scheme "pkg/runtime/scheme.go:111"';
  throw undecodable(`no kind "${String(kind)}" is registered for version "${String(apiVersion)}" ${scheme}`);
}

/** Reads values of the types of a policy. @throws Error as Go's JSON decoder says it */
class PolicyReader {
  /** Paths of fields that the types do not have. */
  readonly unknown: string[] = [];

  read(value: JsonObject): AuditPolicy {
    const known = ['kind', 'apiVersion', 'metadata', 'rules', 'omitStages', 'omitManagedFields'];
    this.#know(value, '', known);
    return {
      omitStages: this.#texts(value.omitStages, 'Policy.omitStages', '[]v1.Stage', 'v1.Stage') as AuditStage[],
      omitManagedFields: this.#boolean(value.omitManagedFields, 'Policy.omitManagedFields') ?? false,
      rules: this.#list(value.rules, 'Policy.rules', '[]v1.PolicyRule').map((rule, i) => this.#rule(rule, i)),
    };
  }

  #rule(value: JsonValue, index: number): AuditRule {
    const known = ['level', 'users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages'];
    const rule = this.#struct(value, 'Policy.rules', 'v1.PolicyRule');
    this.#know(rule, `rules[${index}].`, [...known, 'omitManagedFields']);
    const at = (field: string): string => `PolicyRule.rules.${field}`;
    const texts = (field: string): string[] => this.#texts(rule[field], at(field), '[]string', 'string');
    const omitManagedFields = this.#boolean(rule.omitManagedFields, at('omitManagedFields'));
    return {
      level: this.#text(rule.level, at('level'), 'v1.Level') as AuditLevel,
      users: texts('users'),
      userGroups: texts('userGroups'),
      verbs: texts('verbs'),
      resources: this.#list(rule.resources, at('resources'), '[]v1.GroupResources').map((one, i) =>
        this.#resources(one, `rules[${index}].resources[${i}].`),
      ),
      namespaces: texts('namespaces'),
      nonResourceURLs: texts('nonResourceURLs'),
      omitStages: this.#texts(rule.omitStages, at('omitStages'), '[]v1.Stage', 'v1.Stage') as AuditStage[],
      ...(omitManagedFields !== undefined && { omitManagedFields }),
    };
  }

  #resources(value: JsonValue, path: string): GroupResources {
    const where = 'GroupResources.rules.resources';
    const one = this.#struct(value, 'PolicyRule.rules.resources', 'v1.GroupResources');
    this.#know(one, path, ['group', 'resources', 'resourceNames']);
    return {
      group: this.#text(one.group, `${where}.group`, 'string'),
      resources: this.#texts(one.resources, `${where}.resources`, '[]string', 'string'),
      resourceNames: this.#texts(one.resourceNames, `${where}.resourceNames`, '[]string', 'string'),
    };
  }

  #know(value: JsonObject, path: string, fields: readonly string[]): void {
    for (const key of Object.keys(value)) if (!fields.includes(key)) this.unknown.push(`${path}${key}`);
  }

  #struct(value: JsonValue | undefined, field: string, type: string): JsonObject {
    if (value === undefined || value === null) return {};
    return isJsonObject(value) ? value : misfit(value, field, type);
  }

  #list(value: JsonValue | undefined, field: string, type: string): readonly JsonValue[] {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value : misfit(value, field, type);
  }

  #text(value: JsonValue | undefined, field: string, type: string): string {
    if (value === undefined || value === null) return '';
    return typeof value === 'string' ? value : misfit(value, field, type);
  }

  #texts(value: JsonValue | undefined, field: string, type: string, item: string): string[] {
    return this.#list(value, field, type).map((one) => this.#text(one, field, item));
  }

  #boolean(value: JsonValue | undefined, field: string): boolean | undefined {
    if (value === undefined || value === null) return undefined;
    return typeof value === 'boolean' ? value : misfit(value, field, 'bool');
  }
}

function misfit(value: JsonValue, field: string, type: string): never {
  throw new Error(`json: cannot unmarshal ${jsonKind(value)} into Go struct field ${field} of type ${type}`);
}

function validate({ rules, omitStages }: AuditPolicy): FieldError[] {
  const inRules = rules.flatMap((rule, i) => validateRule(rule, Path.of('rules').index(i)));
  return [...validateStages(omitStages, Path.of('omitStages')), ...inRules];
}

function validateRule(rule: AuditRule, path: Path): FieldError[] {
  const { level, nonResourceURLs: urls, resources, namespaces, omitStages } = rule;
  const errors: FieldError[] = [];
  if ((level as string) === '') errors.push(required(path.child('level')));
  else if (!AUDIT_LEVELS.includes(level)) errors.push(notSupported(path.child('level'), level, [...AUDIT_LEVELS]));
  errors.push(...validateUrls(urls, path.child('nonResourceURLs')));
  errors.push(...validateResources(resources, path.child('resources')));
  errors.push(...validateStages(omitStages, path.child('omitStages')));
  if (urls.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
    const why = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalid(path.child('nonResourceURLs'), [...urls], why));
  }
  return errors;
}

function validateUrls(urls: readonly string[], path: Path): FieldError[] {
  return urls.flatMap((url, i) => {
    if (url === '*') return [];
    const errors: FieldError[] = [];
    if (!url.startsWith('/'))
      errors.push(invalid(path.index(i), url, "non-resource URL rules must begin with a '/' character"));
    if (url.slice(0, -1).includes('*')) {
      const why = "non-resource URL wildcards '*' must be the final character of the rule";
      errors.push(invalid(path.index(i), url, why));
    }
    return errors;
  });
}

function validateResources(resources: readonly GroupResources[], path: Path): FieldError[] {
  return resources.flatMap(({ group, resources: names, resourceNames }) => {
    const errors: FieldError[] = [];
    const problems = group === '' || group === '*' ? [] : isDns1123Subdomain(group);
    if (problems.length > 0) errors.push(invalid(path.child('group'), group, problems.join(',')));
    if (resourceNames.length > 0 && names.length === 0) {
      const why = 'using resourceNames requires at least one resource';
      errors.push(invalid(path.child('resourceNames'), [...resourceNames], why));
    }
    return errors;
  });
}

function validateStages(stages: readonly string[], path: Path): FieldError[] {
  const allowed: readonly string[] = AUDIT_STAGES;
  return stages.flatMap((stage, i) =>
    allowed.includes(stage) ? [] : [invalid(path.index(i), stage, `allowed stages are ${allowed.join(',')}`)],
  );
}
