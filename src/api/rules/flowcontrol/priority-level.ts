import {
  forbidden,
  invalid,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  between,
  type Check,
  type Checks,
  defined,
  fields,
  type Loose,
  type RuleContext,
  requiredOneOf,
  validateWith,
} from '../rule.ts';
import { countsGeneration, ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';
import { checkStatus } from './conditions.ts';
import { mandatorySpec } from './mandatory.ts';

const mostQueues = 10_000_000;
/** Bits of a hash that shuffle sharding can deal a hand with. */
const mostHashBits = 60;
const forbiddenAnnotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

function nonNegative(detail: string): Check {
  return defined((value, path, { errors }) => {
    if (value < 0) errors.push(invalid(path, value, detail));
  });
}

const checkShares = nonNegative('must be a non-negative integer');
const checkPercent = defined(between(0, 100));

const checkExempt = fields({ nominalConcurrencyShares: checkShares, lendablePercent: checkPercent });

const checkLimited = fields({
  nominalConcurrencyShares: checkShares,
  limitResponse: (response, path, context) => checkResponse(response ?? {}, path, context),
  lendablePercent: checkPercent,
  borrowingLimitPercent: nonNegative('if specified, must be a non-negative integer'),
});

function checkResponse({ type, queuing }: Loose, path: Path, context: RuleContext): void {
  const at = path.child('queuing');
  const given = (queuing ?? null) !== null;
  if (type === 'Reject') {
    const detail = 'must be nil if limited.limitResponse.type is not Limited';
    if (given) context.errors.push(forbidden(at, detail));
  } else if (type === 'Queue') {
    const detail = 'must not be empty if limited.limitResponse.type is Limited';
    if (given) checkQueuing(queuing, at, context);
    else context.errors.push(requiredError(at, detail));
  } else requiredOneOf('Queue', 'Reject')(type, path.child('type'), context);
}

/** A hand of queues is dealt from the bits of a hash, which must suffice. */
function checkQueuing(queuing: Loose, path: Path, { errors }: RuleContext): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  const report = (field: string, detail: string) =>
    errors.push(invalid(path.child(field), queuing[field] ?? 0, detail));
  if (queueLengthLimit <= 0) report('queueLengthLimit', 'must be positive');
  if (queues <= 0) report('queues', 'must be positive');
  else if (queues > mostQueues) report('queues', `must not be greater than ${mostQueues}`);
  const bits = Math.ceil(Math.log2(queues) * handSize);
  if (handSize <= 0) report('handSize', 'must be positive');
  else if (handSize > queues) report('handSize', `should not be greater than queues (${queues})`);
  else if (bits > mostHashBits) {
    const what = `required entropy bits of deckSize ${queues} and handSize ${handSize}`;
    report('handSize', `${what} should not be greater than ${mostHashBits}`);
  }
}

function checkType({ spec, metadata }: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const at = path.child('spec');
  const { type = '', exempt, limited } = spec ?? {};
  const [hasExempt, hasLimited] = [(exempt ?? null) !== null, (limited ?? null) !== null];
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalid(at.child('type'), type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (hasLimited) errors.push(forbidden(at.child('limited'), 'must be nil if the type is not Limited'));
    if (hasExempt) checkExempt(exempt, at.child('exempt'), context);
  } else if (type === 'Limited') {
    if (hasExempt) errors.push(forbidden(at.child('exempt'), 'must be nil if the type is Limited'));
    if (hasLimited) checkLimited(limited, at.child('limited'), context);
    else errors.push(requiredError(at.child('limited'), 'must not be empty when type is Limited'));
  } else requiredOneOf('Exempt', 'Limited')(type, at.child('type'), context);
}

const checks: Checks = [checkAnnotation, checkType, checkMandatory, checkStatus];

/** Priority levels. */
export const priorityLevelRules: ResourceRules = {
  ...prepare(ignoresStatus, countsGeneration('spec')),
  defaults: { '*': defaultPriorityLevel },
  nameCheck: nameIsDnsSubdomain,
  validate: (level) => validateWith(checks, level),
  validateUpdate: (level, old) => validateWith(checks, level, old),
  subresources: {
    status: { ...writesStatusOnly, validateUpdate: (level, old) => validateWith(checkStatus, level, old) },
  },
};

function defaultPriorityLevel({ spec }: KubeObject): void {
  if (spec?.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (!spec?.limited) return;
  spec.limited.nominalConcurrencyShares ??= 30;
  spec.limited.lendablePercent ??= 0;
  const queuing = spec.limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

function checkAnnotation({ metadata }: Loose, path: Path, { errors }: RuleContext): void {
  if (metadata.annotations?.[forbiddenAnnotation] === undefined) return;
  errors.push(forbidden(path.child('metadata', 'annotations'), `annotation '${forbiddenAnnotation}' is forbidden`));
}

/** Of the exempt level its shares may be changed. */
function checkMandatory({ metadata, spec }: Loose, path: Path, { errors }: RuleContext): void {
  const { name } = metadata;
  const fixed = mandatorySpec('prioritylevelconfigurations', name);
  if (fixed === undefined) return;
  const exempt = name === 'exempt';
  if (jsonEqual(fixed, exempt ? { ...spec, exempt: fixed.exempt } : spec)) return;
  const detail = `spec of '${name}' ${exempt ? "except the 'spec.exempt' field " : ''}must equal the fixed value`;
  errors.push(invalidGo(path.child('spec'), 'PriorityLevelConfigurationSpec', spec, detail));
}
