import { type KubeObject, nameIsDnsLabel, nameIsDnsSubdomain, type Path } from 'nekube/apimachinery';
import { checkContainerResourceName, checkResourceRequirements } from './core/resources.ts';
import { checkTolerations } from './core/tolerations.ts';
import { duplicateGo } from './go-struct.ts';
import { checkLabels } from './label-selector.ts';
import { deprecatedNodeLabel } from './node-labels.ts';
import type { ResourceRules } from './resource-rules.ts';
import {
  type Checks,
  checkImmutable,
  defined,
  fields,
  type Loose,
  matches,
  type RuleContext,
  requiredAnd,
  validateWith,
} from './rule.ts';

const checkOverhead = checkResourceRequirements(checkContainerResourceName, new Set(), {});

const checks: Checks = fields({
  handler: requiredAnd(
    '',
    matches((name) => nameIsDnsLabel(name, false)),
  ),
  overhead: defined(({ podFixed }, path, context) => checkOverhead({ limits: podFixed }, path, context)),
  scheduling: defined(
    fields({ nodeSelector: checkLabels, tolerations: [checkTolerations({}), checkUniqueTolerations] }),
  ),
});

const updateChecks: Checks = [
  checks,
  ({ handler }: Loose, path: Path, { errors, old }: RuleContext) =>
    checkImmutable(handler ?? '', old.handler ?? '', path.child('handler'), errors),
].flat();

/** The rules of node.k8s.io. */
export const nodeRules: Readonly<Record<string, ResourceRules>> = {
  runtimeclasses: {
    nameCheck: nameIsDnsSubdomain,
    validate: (runtimeClass) => validateWith(checks, runtimeClass),
    validateUpdate: (runtimeClass, old) => validateWith(updateChecks, runtimeClass, old),
    warnings: runtimeClassWarnings,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};

function checkUniqueTolerations(tolerations: Loose, path: Path, { errors }: RuleContext): void {
  const seen = new Set<string>();
  ((tolerations ?? []) as Loose[]).forEach((toleration, i) => {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (seen.has(identity)) errors.push(duplicateGo(path.index(i), 'Toleration', toleration));
    seen.add(identity);
  });
}

function runtimeClassWarnings({ scheduling }: KubeObject): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const message = deprecatedNodeLabel(key);
    return message ? [`scheduling.nodeSelector: ${message}`] : [];
  });
}
