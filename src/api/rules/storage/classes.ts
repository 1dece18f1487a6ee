import {
  byteLength,
  duplicate,
  forbidden,
  invalid,
  isQualifiedName,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { deprecatedNodeLabel } from '../node-labels.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  checkImmutable,
  fields,
  given,
  type Loose,
  oneOf,
  present,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { checkLabelName } from '../label-selector.ts';

const mostParameters = 512;
const mostParameterBytes = 256 * 1024;

const checkProvisioner: Check = (name, path, { errors }) => {
  if (!name) errors.push(requiredError(path));
  else for (const m of isQualifiedName(name.toLowerCase())) errors.push(invalid(path, name.toLowerCase(), m));
};

function checkParameters(needed: boolean): Check {
  return (parameters, path, { errors }) => {
    const entries = Object.entries((parameters ?? {}) as Record<string, string>);
    if (entries.length > mostParameters) {
      errors.push(tooLong(path, mostParameters));
      return;
    }
    if (entries.some(([key]) => key === '')) errors.push(invalid(path, '', 'field can not be empty.'));
    const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
    if (bytes > mostParameterBytes) errors.push(tooLong(path, mostParameterBytes));
    if (needed && entries.length === 0) errors.push(requiredError(path, 'must contain at least one key/value pair'));
  };
}

/** A term without expressions counts as a duplicate of each term's place, as in kube-apiserver. */
function checkTopologies(topologies: Loose, path: Path, context: RuleContext): void {
  const terms: Loose[] = topologies ?? [];
  const seen: Map<string, string[]>[] = terms.map(() => new Map());
  terms.forEach((term, i) => {
    const values = checkTopology(term, path.index(i).child('matchLabelExpressions'), context);
    for (const other of seen) {
      const same = jsonEqual(Object.fromEntries(other), Object.fromEntries(values));
      if (same) context.errors.push(duplicate(path.index(i).child('matchLabelExpressions'), ''));
    }
    seen.push(values);
  });
}

/** @returns the values of each label of a term */
function checkTopology(term: Loose, path: Path, context: RuleContext): Map<string, string[]> {
  const values = new Map<string, string[]>();
  ((term.matchLabelExpressions ?? []) as Loose[]).forEach((requirement, i) => {
    const at = path.index(i);
    const key: string = requirement.key ?? '';
    const given = checkTopologyValues(requirement.values ?? [], at.child('values'), context);
    checkLabelName(key, at.child('key'), context);
    if (values.has(key)) context.errors.push(duplicate(at.child('key'), key));
    values.set(key, given);
  });
  return values;
}

function checkTopologyValues(values: readonly string[], path: Path, { errors }: RuleContext): string[] {
  if (values.length === 0) errors.push(requiredError(path));
  values.forEach((value, i) => {
    if (values.indexOf(value) !== i) errors.push(duplicate(path.index(i), value));
  });
  return [...new Set(values)].sort();
}

const classChecks: Checks = fields({
  provisioner: checkProvisioner,
  parameters: checkParameters(false),
  reclaimPolicy: present(oneOf('Delete', 'Retain')),
  volumeBindingMode: given('', oneOf('Immediate', 'WaitForFirstConsumer')),
  allowedTopologies: checkTopologies,
});

const checkClassUnchanged: Check = (storageClass, path, { errors, old }) => {
  checkImmutable(storageClass.parameters, old.parameters, path.child('parameters'), errors);
  checkImmutable(storageClass.provisioner ?? '', old.provisioner ?? '', path.child('provisioner'), errors);
  checkImmutable(storageClass.reclaimPolicy, old.reclaimPolicy, path.child('reclaimPolicy'), errors);
  checkImmutable(storageClass.volumeBindingMode, old.volumeBindingMode, path.child('volumeBindingMode'), errors);
};

/** Storage classes. */
export const classRules: ResourceRules = {
  defaults: { '*': defaultClass },
  nameCheck: nameIsDnsSubdomain,
  validate: (storageClass) => validateWith(classChecks, storageClass),
  validateUpdate: (storageClass, old) => validateWith([classChecks, checkClassUnchanged].flat(), storageClass, old),
  warnings: classWarnings,
  returnsDeletedObject: true,
};

function defaultClass(storageClass: KubeObject): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

function classWarnings({ allowedTopologies }: KubeObject): string[] {
  return ((allowedTopologies ?? []) as Loose[]).flatMap((term, i) =>
    ((term.matchLabelExpressions ?? []) as Loose[]).flatMap(({ key }, j) => {
      const message = deprecatedNodeLabel(key);
      const path = Path.of('allowedTopologies').index(i).child('matchLabelExpressions').index(j).child('key');
      return message ? [`${path}: ${message}`] : [];
    }),
  );
}

const attributesChecks: Checks = fields({ driverName: checkProvisioner, parameters: checkParameters(true) });

const checkAttributesUnchanged: Check = (attributesClass, path, { errors, old }) => {
  for (const field of ['driverName', 'parameters']) {
    if (jsonEqual(attributesClass[field] ?? null, old[field] ?? null)) continue;
    errors.push(forbidden(path.child(field), `updates to ${field} are forbidden.`));
  }
};

/** Volume attributes classes. */
export const volumeAttributesClassRules: ResourceRules = {
  nameCheck: nameIsDnsSubdomain,
  validate: (attributesClass) => validateWith(attributesChecks, attributesClass),
  validateUpdate: (attributesClass, old) =>
    validateWith([checkAttributesUnchanged, attributesChecks].flat(), attributesClass, old),
  returnsDeletedObject: true,
};
