import {
  forbidden,
  isDns1035Label,
  isDns1123Subdomain,
  isValidPathSegmentName,
  invalid,
  type KubeObject,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabelSelector } from '../label-selector.ts';
import {
  type Check,
  defined,
  each,
  fields,
  given,
  type Loose,
  matches,
  oneOf,
  present,
  type RuleContext,
  requiredOneOf,
} from '../rule.ts';
import { checkNamedRule } from './rule-with-operations.ts';

const mutatingOperations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const checkSelector = checkLabelSelector();

/** What a policy, or a binding of one, is about. */
export const checkMatchResources: Check = defined(
  fields({
    matchPolicy: given('', oneOf('Equivalent', 'Exact')),
    namespaceSelector: given('', checkSelector),
    objectSelector: given('', checkSelector),
    resourceRules: each(checkNamedRule),
    excludeResourceRules: each(checkNamedRule),
  }),
);

/** Nothing can be changed in what is deleted; the path names the rules as a whole. */
export const checkMutatingOperations: Check = defined(({ resourceRules }, path, { errors }) => {
  for (const rule of resourceRules ?? []) {
    for (const operation of rule.operations ?? []) {
      if (mutatingOperations.includes(operation)) continue;
      errors.push(notSupported(path.child('resourceRules', 'operations'), operation, mutatingOperations));
    }
  }
});

/** Sets the defaults of what a policy or a binding is about. */
export function defaultMatchResources(match: Loose): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

/** Sets the defaults of a binding of a policy. */
export function defaultPolicyBinding({ spec }: KubeObject): void {
  defaultMatchResources(spec?.matchResources);
}

/** Which objects a binding gives a policy as parameters: one by name, or some by labels. */
export const checkParamRef: Check = defined((reference, path, context) => {
  const { name = '', selector } = reference;
  const hasSelector = (selector ?? null) !== null;
  const exclusive = 'name and selector are mutually exclusive';
  const { errors } = context;
  present(matches(isValidPathSegmentName))(name, path.child('name'), context);
  if (name !== '' && hasSelector) errors.push(forbidden(path.child('name'), exclusive));
  checkSelector(selector, path.child('selector'), context);
  if (name !== '' && hasSelector) errors.push(forbidden(path.child('selector'), exclusive));
  if (name === '' && !hasSelector) errors.push(requiredError(path, 'one of name or selector must be specified'));
  const at = path.child('parameterNotFoundAction');
  requiredOneOf('Deny', 'Allow')(reference.parameterNotFoundAction, at, context);
});

/** The kind of a policy's parameters. */
export const checkParamKind: Check = defined((kind, path, context) => {
  checkApiVersion(kind.apiVersion ?? '', path.child('apiVersion'), context);
  const name: string = kind.kind ?? '';
  const messages = isDns1035Label(name.toLowerCase());
  if (name === '') context.errors.push(requiredError(path.child('kind')));
  else if (messages.length > 0) {
    const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
    context.errors.push(invalid(path.child('kind'), name, detail));
  }
});

function checkApiVersion(text: string, path: Path, { errors }: RuleContext): void {
  const parts = text === '/' ? [''] : text.split('/');
  const [group, version] = parts.length === 1 ? ['', parts[0]!] : [parts[0]!, parts[1]!];
  if (text === '') errors.push(requiredError(path));
  else if (parts.length > 2) errors.push(invalid(path, text, `unexpected GroupVersion string: ${text}`));
  else {
    const groupMessages = group === '' ? [] : isDns1123Subdomain(group);
    if (groupMessages.length > 0) errors.push(invalid(path, group, groupMessages.join(',')));
    const messages = isDns1035Label(version);
    if (version === '') errors.push(invalid(path, text, 'version must be specified'));
    else if (messages.length > 0) errors.push(invalid(path, version, messages.join(',')));
  }
}
