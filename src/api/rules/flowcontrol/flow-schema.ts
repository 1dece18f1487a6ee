import {
  type FieldError,
  forbidden,
  invalid,
  jsonEqual,
  type KubeObject,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  each,
  fields,
  isEmpty,
  type Loose,
  matches,
  type RuleContext,
  requiredAnd,
  validateWith,
} from '../rule.ts';
import { countsGeneration, ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';
import { checkStatus } from './conditions.ts';
import { mandatorySpec } from './mandatory.ts';

const mostPrecedence = 10_000;
const defaultPrecedence = 1000;
const methods = ['ByNamespace', 'ByUser'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

const checkName = matches((name) => nameIsDnsSubdomain(name, false));

const checkPrecedence: Check = (precedence = 0, path, { errors, object }) => {
  const report = (detail: string) => errors.push(invalid(path, precedence, detail));
  if (precedence <= 0) report('must be a positive value');
  if (precedence > mostPrecedence) report(`must not be greater than ${mostPrecedence}`);
  if (precedence === 1 && object.metadata.name !== 'exempt') {
    report("only the schema named 'exempt' may have matchingPrecedence 1");
  }
};

const checkSubject: Check = (subject, path, context) => {
  const kind: string = subject.kind ?? '';
  const own = subjectFields[kind as keyof typeof subjectFields];
  if (own === undefined) {
    context.errors.push(notSupported(path.child('kind'), kind, ['Group', 'ServiceAccount', 'User']));
    return;
  }
  checkOwnSubject(subject[own], kind, path.child(own), context);
  for (const [other, field] of [
    ['ServiceAccount', 'serviceAccount'],
    ['User', 'user'],
    ['Group', 'group'],
  ] as const) {
    if (other === kind || (subject[field] ?? null) === null) continue;
    context.errors.push(forbidden(path.child(field), `${field} is forbidden when subject kind is not '${other}'`));
  }
};

function checkOwnSubject(subject: Loose, kind: string, path: Path, context: RuleContext): void {
  const { errors } = context;
  if (subject === undefined || subject === null) {
    const field = subjectFields[kind as keyof typeof subjectFields];
    errors.push(requiredError(path, `${field} is required when subject kind is '${kind}'`));
    return;
  }
  const name: string = subject.name ?? '';
  if (name === '') errors.push(requiredError(path.child('name')));
  if (kind !== 'ServiceAccount') return;
  if (name !== '' && name !== '*') checkName(name, path.child('name'), context);
  const checkNamespace = matches((text) => nameIsDnsLabel(text, false));
  requiredAnd('must specify namespace for service account', checkNamespace)(
    subject.namespace,
    path.child('namespace'),
    context,
  );
}

/** A list in which `*` stands alone. */
function wildcard(
  what: string,
  none: string,
  more?: (values: string[], path: Path, errors: FieldError[]) => void,
): Check {
  return (values, path, { errors }) => {
    if (isEmpty(values)) errors.push(requiredError(path, none));
    else if (values.includes('*')) {
      if (values.length > 1) errors.push(invalid(path, values, `if '*' is present, must not specify other ${what}`));
    } else more?.(values, path, errors);
  };
}

const checkVerbs = wildcard('verbs', 'verbs must contain at least one value', (values, path, errors) => {
  if (values.some((verb) => !verbs.includes(verb))) errors.push(notSupported(path, values, verbs));
});

const checkUrls = wildcard(
  'non-resource URLs',
  'nonResourceURLs must contain at least one value',
  (urls, path, errors) =>
    urls.forEach((url, i) => {
      const fault = urlFault(url);
      if (fault !== undefined) errors.push(invalid(path.index(i), url, fault));
    }),
);

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

const checkNamespaces: Check = (namespaces, path, context) => {
  const list: string[] = namespaces ?? [];
  list.forEach((name, i) => {
    for (const message of nameIsDnsLabel(name, false)) {
      const detail = `each member of this list must be '*' or a DNS-1123 label; ${message}`;
      context.errors.push(invalid(path.index(i), name, detail));
    }
  });
};

const checkResourceRule: Check = (rule, path, context) => {
  fields({
    verbs: checkVerbs,
    apiGroups: wildcard('api groups', 'resource rules must supply at least one api group'),
    resources: wildcard('resources', 'resource rules must supply at least one resource'),
  })(rule, path, context);
  const at = path.child('namespaces');
  const none = 'resource rules that are not cluster scoped must supply at least one namespace';
  if (isEmpty(rule.namespaces) && rule.clusterScope) return;
  if (isEmpty(rule.namespaces) || rule.namespaces.includes('*'))
    wildcard('namespaces', none)(rule.namespaces, at, context);
  else checkNamespaces(rule.namespaces, at, context);
};

const checkRule: Check = (rule, path, context) => {
  const none = 'subjects must contain at least one value';
  requiredAnd(none, each(checkSubject))(rule.subjects, path.child('subjects'), context);
  if (isEmpty(rule.resourceRules) && isEmpty(rule.nonResourceRules)) {
    const detail = 'at least one of resourceRules and nonResourceRules has to be non-empty';
    context.errors.push(requiredError(path, detail));
  }
  fields({
    resourceRules: each(checkResourceRule),
    nonResourceRules: each(fields({ verbs: checkVerbs, nonResourceURLs: checkUrls })),
  })(rule, path, context);
};

const checks: Checks = [
  fields({
    spec: fields({
      matchingPrecedence: checkPrecedence,
      distinguisherMethod: (method, path, { errors }) => {
        if (!method || methods.includes(method.type)) return;
        errors.push(notSupported(path.child('type'), { Type: method.type ?? '' }, methods));
      },
      priorityLevelConfiguration: (level, path, context) =>
        requiredAnd('must reference a priority level', checkName)(level?.name, path.child('name'), context),
      rules: each(checkRule),
    }),
  }),
  checkMandatory,
  checkStatus,
];

/** Flow schemas. */
export const flowSchemaRules: ResourceRules = {
  ...prepare(ignoresStatus, countsGeneration('spec')),
  defaults: { '*': defaultFlowSchema },
  nameCheck: nameIsDnsSubdomain,
  validate: (schema) => validateWith(checks, schema),
  validateUpdate: (schema, old) => validateWith(checks, schema, old),
  subresources: {
    status: { ...writesStatusOnly, validateUpdate: (schema, old) => validateWith(checkStatus, schema, old) },
  },
};

function defaultFlowSchema(schema: KubeObject): void {
  schema.spec ??= {};
  schema.spec.matchingPrecedence ||= defaultPrecedence;
}

function checkMandatory({ metadata, spec }: Loose, path: Path, { errors }: RuleContext): void {
  const fixed = mandatorySpec('flowschemas', metadata.name);
  if (fixed === undefined || jsonEqual(fixed, spec)) return;
  errors.push(
    invalidGo(path.child('spec'), 'FlowSchemaSpec', spec, `spec of '${metadata.name}' must equal the fixed value`),
  );
}
