import {
  forbidden,
  isConfigMapKey,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { type Check, fields, type Loose, matches, type RuleContext, requiredAnd } from '../rule.ts';

/** The configuration of kubelets through the API is gone; objects from before may still hold it. */
const checkConfigMapRef = fields({
  namespace: requiredAnd(
    '',
    matches((name) => nameIsDnsLabel(name, false)),
  ),
  name: requiredAnd(
    '',
    matches((name) => nameIsDnsSubdomain(name, false)),
  ),
  kubeletConfigKey: requiredAnd('', matches(isConfigMapKey)),
});

/** Where a node takes its configuration from; it names no version. */
export const checkConfigSource: Check = (source, path, context) => {
  checkSource(source, path, context, (ref, at) => {
    for (const field of ['uid', 'resourceVersion']) {
      if (ref[field]) context.errors.push(forbidden(at.child(field), `${field} must not be set in spec`));
    }
  });
};

/** Which configurations a node has: each names its version. */
export const checkConfigStatus: Check = (status, path, context) => {
  for (const which of ['assigned', 'active', 'lastKnownGood']) {
    if (!status[which]) continue;
    checkSource(status[which], path.child(which), context, (ref, at) => {
      for (const field of ['uid', 'resourceVersion']) {
        if (!ref[field]) context.errors.push(requiredError(at.child(field)));
      }
    });
  }
};

function checkSource(
  source: Loose,
  path: Path,
  context: RuleContext,
  checkVersion: (ref: Loose, at: Path) => void,
): void {
  if (!source.configMap) {
    context.errors.push(invalidGo(path, 'NodeConfigSource', source, 'exactly one reference subfield must be non-nil'));
    return;
  }
  const at = path.child('configMap');
  checkVersion(source.configMap, at);
  checkConfigMapRef(source.configMap, at, context);
}
