import { forbidden, type Path, required as requiredError } from 'nekube/apimachinery';
import { volumeSources } from '../core/persistent-volume.ts';
import { checkAccessModes } from '../core/persistent-volume-claim-spec.ts';
import { roundAmounts } from '../core/resources.ts';
import { defaultVolumeSource } from '../core/volume-defaults.ts';
import { type Check, type Loose, type RuleContext, union } from '../rule.ts';

const inline = 'in the context of inline volumes';

/** Sets the defaults of a volume that stands in its attachment. */
export function defaultInlineVolume(spec: Loose): void {
  roundAmounts(spec.capacity);
  defaultVolumeSource(spec);
}

/** Checks a volume that stands in its attachment: it has the fields of a persistent volume, and may use few of them. */
export const checkInlineVolume: Check = (spec, path, context) => {
  const { errors } = context;
  if (spec.claimRef) refuse('claimRef', path, context);
  if (Object.keys(spec.capacity ?? {}).length > 0) refuse('capacity', path, context);
  if (!spec.csi) errors.push(requiredError(path.child('csi'), `has to be specified ${inline}`));
  const modes = path.child('accessModes');
  if ((spec.accessModes ?? []).length === 0) errors.push(requiredError(modes));
  checkAccessModes(spec.accessModes, modes, context);
  const { persistentVolumeReclaimPolicy: policy, volumeMode } = spec;
  if (policy && policy !== 'Retain') {
    errors.push(forbidden(path.child('persistentVolumeReclaimPolicy'), `may only be Retain ${inline}`));
  }
  if (spec.nodeAffinity) refuse('nodeAffinity', path, context);
  const sources = volumeSources('', undefined, path);
  union(sources, 'may not specify more than 1 volume type', 'must specify a volume type')(spec, path, context);
  if (spec.storageClassName) refuse('storageClassName', path, context);
  if ((volumeMode ?? 'Filesystem') !== 'Filesystem') {
    errors.push(forbidden(path.child('volumeMode'), `may not specify volumeMode other than Filesystem ${inline}`));
  }
};

function refuse(field: string, path: Path, { errors }: RuleContext): void {
  errors.push(forbidden(path.child(field), `may not be specified ${inline}`));
}
