import {
  byteLength,
  forbidden,
  invalid,
  inclusiveRangeMessage,
  jsonEqual,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  defined,
  fields,
  type Loose,
  matches,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';
import { checkDriverName } from './driver-name.ts';
import { checkInlineVolume, defaultInlineVolume } from './inline-volume.ts';

const maxMetadataBytes = 256 * 1024;
const maxMessageBytes = 1024;

const checkNodeName: Check = (name, path, context) =>
  matches((text) => nameIsDnsSubdomain(text, false))(name ?? '', path, context);

/** A message that is too long is said to have the limit of metadata, as in kube-apiserver. */
const checkVolumeError = defined(
  fields({
    message: (text = '', path, { errors }) => {
      if (byteLength(text) > maxMessageBytes) errors.push(tooLong(path, maxMetadataBytes));
    },
    errorCode: defined((code, path, { errors }) => {
      if (code < 0) errors.push(invalid(path, code, inclusiveRangeMessage(0, 2 ** 31 - 1)));
    }),
  }),
);

const checks: Checks = [
  fields({
    spec: fields({ attacher: checkDriverName, source: checkSource, nodeName: checkNodeName }),
    status: fields({
      attachmentMetadata: checkMetadata,
      attachError: checkVolumeError,
      detachError: checkVolumeError,
    }),
  }),
  ({ spec }, path, context) => {
    const name = spec?.source?.persistentVolumeName ?? undefined;
    matches((text) => nameIsDnsSubdomain(text, false))(name, path.child('spec.source.persistentVolumeName'), context);
  },
];

/** Volumes to be attached to nodes. */
export const volumeAttachmentRules: ResourceRules = {
  ...prepare(ignoresStatus),
  defaults: {
    '*': ({ spec }: Loose) => {
      if (spec?.source?.inlineVolumeSpec) defaultInlineVolume(spec.source.inlineVolumeSpec);
    },
  },
  nameCheck: nameIsDnsSubdomain,
  validate: (attachment) => validateWith(checks, attachment),
  validateUpdate: validateAttachmentUpdate,
  allowUnconditionalUpdate: false,
  subresources: { status: { ...writesStatusOnly, validateUpdate: validateAttachmentUpdate } },
  returnsDeletedObject: true,
};

function validateAttachmentUpdate(attachment: Loose, old: Loose) {
  return validateWith([...[checks].flat(), checkUnchanged], attachment, old);
}

function checkUnchanged({ spec }: Loose, path: Path, { errors, old }: RuleContext): void {
  if (jsonEqual(spec ?? null, old.spec ?? null)) return;
  errors.push(invalidGo(path.child('spec'), 'VolumeAttachmentSpec', spec, 'field is immutable'));
}

function checkSource(source: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const [name, inline] = [source?.persistentVolumeName ?? undefined, source?.inlineVolumeSpec ?? undefined];
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined && inline === undefined) errors.push(requiredError(path, detail));
  else if (name !== undefined && inline !== undefined) errors.push(forbidden(path, detail));
  else if (name === '') {
    errors.push(requiredError(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'));
  } else if (inline !== undefined) checkInlineVolume(inline, path.child('inlineVolumeSpec'), context);
}

function checkMetadata(metadata: Loose, path: Path, { errors }: RuleContext): void {
  const entries = Object.entries((metadata ?? {}) as Record<string, string>);
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (bytes > maxMetadataBytes) errors.push(tooLong(path, maxMetadataBytes));
}
