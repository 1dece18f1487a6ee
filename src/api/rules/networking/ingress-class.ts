import {
  byteLength,
  forbidden,
  isDns1123Subdomain,
  isDomainPrefixedPath,
  isValidPathSegmentName,
  type KubeObject,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Checks,
  checkImmutable,
  defined,
  faultless,
  fields,
  given,
  type Loose,
  matches,
  oneOf,
  type RuleContext,
  requiredAnd,
  validateWith,
} from '../rule.ts';
import { countsGeneration, prepare } from '../strategy.ts';

const maxControllerBytes = 250;

const checkController: Checks = [
  (name, path, { errors }) => {
    if (byteLength(name ?? '') > maxControllerBytes) errors.push(tooLong(path, maxControllerBytes));
  },
  faultless(isDomainPrefixedPath),
];

const checks = fields({
  spec: fields({
    controller: checkController,
    parameters: defined(
      fields({
        apiGroup: defined(matches(isDns1123Subdomain)),
        kind: requiredAnd('', matches(isValidPathSegmentName)),
        name: requiredAnd('', matches(isValidPathSegmentName)),
        scope: given('', oneOf('Cluster', 'Namespace')),
      }),
      checkNamespace,
    ),
  }),
});

const updateChecks: Checks = [
  ({ spec }, path, { errors, old }) =>
    checkImmutable(spec.controller ?? '', old.spec.controller, path.child('spec', 'controller'), errors),
  checks,
];

/** Ingress classes. */
export const ingressClassRules: ResourceRules = {
  ...prepare(countsGeneration('spec')),
  defaults: { '*': defaultIngressClass },
  nameCheck: nameIsDnsSubdomain,
  validate: (ingressClass) => validateWith(checks, ingressClass),
  validateUpdate: (ingressClass, old) => validateWith(updateChecks, ingressClass, old),
};

function defaultIngressClass({ spec }: KubeObject): void {
  if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
}

/** Parameters are in a namespace exactly if their scope says so. */
function checkNamespace({ scope, namespace }: Loose, path: Path, context: RuleContext): void {
  const at = path.child('namespace');
  const given = namespace !== undefined && namespace !== null;
  if (scope === 'Namespace' && !given) {
    context.errors.push(requiredError(at, "`parameters.scope` is set to 'Namespace'"));
  } else if (scope === 'Namespace') matches((name) => nameIsDnsLabel(name, false))(namespace, at, context);
  if (scope === 'Cluster' && given) context.errors.push(forbidden(at, "`parameters.scope` is set to 'Cluster'"));
}
