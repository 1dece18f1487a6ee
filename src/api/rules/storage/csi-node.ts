import {
  byteLength,
  duplicate,
  invalid,
  isQualifiedName,
  jsonEqual,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, defined, each, fields, type Loose, nonNegative, type RuleContext, validateWith } from '../rule.ts';
import { checkDriverName } from './driver-name.ts';

const maxNodeIdBytes = 256;

const checkNodeId: Check = (id = '', path, { errors }) => {
  if (id === '') errors.push(requiredError(path));
  if (byteLength(id) > maxNodeIdBytes) errors.push(invalid(path, id, `must be ${maxNodeIdBytes} characters or less`));
};

const checks = fields({
  spec: fields({
    drivers: each(
      fields({
        name: checkDriverName,
        nodeID: checkNodeId,
        allocatable: defined(fields({ count: defined(nonNegative) })),
      }),
      checkUniqueName,
      checkTopologyKeys,
    ),
  }),
});

/** CSI drivers of a node. What a driver says of itself stays, but for the number of volumes. */
export const csiNodeRules: ResourceRules = {
  nameCheck: nameIsDnsSubdomain,
  validate: (node) => validateWith(checks, node),
  validateUpdate: (node, old) => validateWith([checks, checkUnchanged], node, old),
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
};

function checkUniqueName(driver: Loose, path: Path, { errors, object }: RuleContext): void {
  const drivers: Loose[] = object.spec.drivers;
  if (drivers.findIndex(({ name }) => name === driver.name) === drivers.indexOf(driver)) return;
  errors.push(duplicate(path.child('name'), driver.name));
}

/** Errors are reported at the driver. */
function checkTopologyKeys({ topologyKeys }: Loose, path: Path, { errors }: RuleContext): void {
  const seen = new Set<string>();
  for (const key of (topologyKeys ?? []) as string[]) {
    if (key === '') errors.push(requiredError(path));
    if (seen.has(key)) errors.push(duplicate(path, key));
    seen.add(key);
    for (const message of isQualifiedName(key)) errors.push(invalid(path, key, message));
  }
}

function checkUnchanged(node: Loose, path: Path, { errors, old }: RuleContext): void {
  const withoutCount = ({ allocatable: _, ...driver }: Loose) => driver;
  for (const before of old.spec?.drivers ?? []) {
    for (const now of node.spec?.drivers ?? []) {
      if (now.name !== before.name || jsonEqual(withoutCount(now), withoutCount(before))) continue;
      const at = path.child('spec', 'drivers');
      errors.push(invalidGo(at, 'CSINodeDriver', withoutCount(now), 'field is immutable'));
    }
  }
}
