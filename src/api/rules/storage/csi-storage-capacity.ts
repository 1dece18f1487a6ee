import { invalid, jsonEqual, type KubeObject, nameIsDnsSubdomain, Path, parseQuantity } from 'nekube/apimachinery';
import { checkLabelSelector, hasInvalidLabelValue } from '../label-selector.ts';
import { nodeLabelSelectorWarnings } from '../node-labels.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Checks, defined, fields, matches, validateWith } from '../rule.ts';

function capacityChecks(old?: KubeObject): Checks {
  return fields({
    nodeTopology: checkLabelSelector({ allowInvalidLabelValue: hasInvalidLabelValue(old?.nodeTopology) }),
    storageClassName: (name, path, context) =>
      matches((text) => nameIsDnsSubdomain(text, false))(name ?? '', path, context),
    capacity: defined((amount, path, { errors }) => {
      if (parseQuantity(amount).sign() < 0) errors.push(invalid(path, amount, 'must be greater than or equal to 0'));
    }),
  });
}

const checkUnchanged: Check = (capacity, path, { errors, old }) => {
  for (const field of ['nodeTopology', 'storageClassName']) {
    if (jsonEqual(capacity[field] ?? null, old[field] ?? null)) continue;
    errors.push(invalid(path.child(field), capacity[field], 'field is immutable'));
  }
};

/** How much storage of a class is left where. */
export const csiStorageCapacityRules: ResourceRules = {
  nameCheck: nameIsDnsSubdomain,
  validate: (capacity) => validateWith(capacityChecks(), capacity),
  validateUpdate: (capacity, old) => validateWith([capacityChecks(old), checkUnchanged].flat(), capacity, old),
  warnings: ({ nodeTopology }) => nodeLabelSelectorWarnings(nodeTopology, Path.of('nodeTopology')),
  allowUnconditionalUpdate: false,
};
