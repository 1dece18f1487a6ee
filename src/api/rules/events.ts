import { invalid, jsonEqual, nameIsDnsSubdomain, type Path, required as requiredError } from 'nekube/apimachinery';
import { checkEvent, eventFields, eventTtlSeconds } from './core/event.ts';
import { invalidGo } from './go-struct.ts';
import type { ResourceRules } from './resource-rules.ts';
import { type Check, type Checks, type Loose, type RuleContext, validateWith } from './rule.ts';

/** Fields of the core group's event that events of this group do not have. */
const unset = ['firstTimestamp', 'lastTimestamp', 'count', 'source'];

/** Fields that do not change, in the order in which they are reported, with the Go type where it is a struct. */
const fixed: readonly (readonly [field: string, name?: string, type?: string])[] = [
  ['involvedObject', 'involvedObject', 'ObjectReference'],
  ['reason'],
  ['message'],
  ['source', 'source', 'EventSource'],
  ['firstTimestamp'],
  ['lastTimestamp'],
  ['count'],
  ['reason'],
  ['type'],
  ['eventTime'],
  ['action'],
  ['related', 'related', '*ObjectReference'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance'],
];

const checkSeries: Check = ({ series }, path, { errors }) => {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(invalid(path.child('series.count'), '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(requiredError(path.child('series.lastObservedTime')));
};

const createChecks: Checks = [checkEvent('reportingController'), checkSeries, checkNew];

const updateChecks: Checks = [
  checkEvent('reportingController'),
  (event, path, context) => {
    if (!jsonEqual(event.series ?? null, context.old.series ?? null)) checkSeries(event, path, context);
  },
  checkUnchanged,
];

/** The rules of events.k8s.io, whose events are stored as those of the core group and checked more strictly. */
export const eventsRules: Readonly<Record<string, ResourceRules>> = {
  events: {
    nameCheck: nameIsDnsSubdomain,
    validate: (event) => validateWith(createChecks, event),
    validateUpdate: (event, old) => validateWith(updateChecks, event, old),
    allowCreateOnUpdate: true,
    selectableFields: eventFields,
    defaultGarbageCollection: 'unsupported',
    ttlSeconds: eventTtlSeconds,
  },
};

function checkNew(event: Loose, path: Path, { errors }: RuleContext): void {
  const type: string = event.type ?? '';
  if (!event.eventTime) errors.push(requiredError(path.child('eventTime')));
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(invalid(path.child('type'), '', `has invalid value: ${type}`));
  }
  for (const field of unset) {
    const value = event[field];
    const given = field === 'source' ? value?.component || value?.host : value;
    if (given) errors.push(invalid(path.child(field), '', 'needs to be unset'));
  }
}

function checkUnchanged(event: Loose, path: Path, { errors, old }: RuleContext): void {
  for (const [field, name = field, type] of fixed) {
    const [value, before] = [event[field] ?? zero(field), old[field] ?? zero(field)];
    if (jsonEqual(value, before)) continue;
    const detail = 'field is immutable';
    const at = path.child(name);
    errors.push(type === undefined ? invalid(at, value, detail) : invalidGo(at, type, event[field], detail));
  }
}

/** What an absent field is in Go: texts are empty, times and references are null. */
function zero(field: string): Loose {
  if (field === 'count') return 0;
  if (field === 'source' || field === 'involvedObject') return {};
  return /Time/.test(field) || field === 'related' ? null : '';
}
