import {
  duplicate,
  type FieldError,
  invalid,
  isValidPathSegmentName,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { type Check, defined, each, fields, isEmpty, type Loose, matches, oneOf, type RuleContext } from '../rule.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** A list that is not empty, and in which `*` stands alone. */
function wildcard(detail: string): Check {
  return (values, path, { errors }) => {
    if (isEmpty(values)) errors.push(requiredError(path));
    if (values?.length > 1 && values.includes('*')) errors.push(invalid(path, values, detail));
  };
}

const notEmpty: Check = (text, path, { errors }) => {
  if (text === '') errors.push(requiredError(path));
};

/** Which operations on which resources a webhook or a policy is asked about. */
export const checkRuleWithOperations: Check = fields({
  operations: [wildcard("if '*' is present, must not specify other operations"), each(oneOf(...operations))],
  apiGroups: wildcard("if '*' is present, must not specify other API groups"),
  apiVersions: [wildcard("if '*' is present, must not specify other API versions"), each(notEmpty)],
  resources: checkResources,
  scope: defined(oneOf('*', 'Cluster', 'Namespaced')),
});

/** The same for single objects by name. */
export const checkNamedRule: Check = (rule, path, context) => {
  const names: string[] = rule.resourceNames ?? [];
  names.forEach((name, i) => {
    const at = path.child('resourceNames').index(i);
    matches(isValidPathSegmentName)(name, at, context);
    if (names.indexOf(name) !== i) context.errors.push(duplicate(at, name));
  });
  checkRuleWithOperations(rule, path, context);
};

/** Resources and subresources, such as `pods/*`: a wildcard may not be followed by what it holds already. */
function checkResources(resources: Loose, path: Path, { errors }: RuleContext): void {
  const list: string[] = resources ?? [];
  if (list.length === 0) errors.push(requiredError(path));
  const [allOf, everywhere] = [new Set<string>(), new Set<string>()];
  let bare = false;
  list.forEach((text, i) => {
    if (text === '') errors.push(requiredError(path.index(i)));
    else if (!text.includes('/')) bare = text !== '*';
    else checkSubresource(text, path.index(i), allOf, everywhere, errors);
  });
  if (list.length > 1 && list.includes('*/*')) {
    errors.push(invalid(path, list, "if '*/*' is present, must not specify other resources"));
  }
  if (list.includes('*') && bare) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, list, detail));
  }
}

/** `allOf`: resources of which all subresources were named; `everywhere`: subresources named for all resources. */
function checkSubresource(text: string, path: Path, allOf: Set<string>, everywhere: Set<string>, errors: FieldError[]) {
  const slash = text.indexOf('/');
  const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
  if (allOf.has(resource)) {
    errors.push(invalid(path, text, `if '${resource}/*' is present, must not specify ${text}`));
  }
  if (everywhere.has(subresource)) {
    errors.push(invalid(path, text, `if '*/${subresource}' is present, must not specify ${text}`));
  }
  if (subresource === '*') allOf.add(resource);
  if (resource === '*') everywhere.add(subresource);
}
