import {
  invalid,
  isDns1123Subdomain,
  isQualifiedName,
  type KubeObject,
  Path,
  byteLength,
  required as requiredError,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Loose, type RuleContext, validateWith } from '../rule.ts';

/** Most bytes of texts of an event with an `eventTime`; the first three must not be empty. */
const limits: readonly [field: string, most: number, needed: boolean][] = [
  ['reportingInstance', 128, true],
  ['action', 128, true],
  ['reason', 128, true],
  ['message', 1024, false],
];

/**
 * What is checked of an event in any version: events without `eventTime` only that they are in the namespace of what
 * they are about.
 */
export function checkEvent(reporterField: 'reportingComponent' | 'reportingController'): Check {
  return (event, path, context) => {
    if (event.eventTime) checkTimedEvent(event, reporterField, context);
    else checkNamespace(event, context);
    const namespace = event.metadata.namespace ?? '';
    for (const message of isDns1123Subdomain(namespace)) {
      context.errors.push(invalid(path.child('namespace'), namespace, message));
    }
  };
}

const aboutPath = Path.of('involvedObject', 'namespace');
const otherNamespace = 'does not match event.namespace';

function checkNamespace({ metadata, involvedObject }: Loose, { errors }: RuleContext): void {
  const [own, about] = [metadata.namespace ?? '', involvedObject?.namespace ?? ''];
  const fits = about === '' ? own === '' || own === 'default' : about === own;
  if (!fits) errors.push(invalid(aboutPath, about, otherNamespace));
}

function checkTimedEvent(event: Loose, reporterField: string, { errors }: RuleContext): void {
  const [own, about] = [event.metadata.namespace ?? '', event.involvedObject?.namespace ?? ''];
  if (about === '' && own !== 'default' && own !== 'kube-system')
    errors.push(invalid(aboutPath, about, otherNamespace));
  const reporter = event.reportingComponent ?? '';
  if (reporter === '') errors.push(requiredError(reporterField));
  for (const message of isQualifiedName(reporter)) errors.push(invalid(reporterField, reporter, message));
  for (const [field, most, needed] of limits) {
    const text: string = event[field] ?? '';
    if (needed && text === '') errors.push(requiredError(field));
    if (byteLength(text) > most) errors.push(invalid(field, '', `can have at most ${most} characters`));
  }
}

/** Fields that events can be selected by. */
export function eventFields(event: KubeObject): Record<string, string> {
  const about = event.involvedObject ?? {};
  return {
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component || (event.reportingComponent ?? ''),
    type: event.type ?? '',
  };
}

/** Seconds after which an event is gone. */
export const eventTtlSeconds = 3600;

/** Events of the core group, which are checked as little as they always were. */
export const eventRules: ResourceRules = {
  nameCheck: validatePathSegmentName,
  validate: (event) => validateWith(checkEvent('reportingComponent'), event),
  validateUpdate: (event, old) => validateWith(checkEvent('reportingComponent'), event, old),
  allowCreateOnUpdate: true,
  selectableFields: eventFields,
  defaultGarbageCollection: 'unsupported',
  ttlSeconds: eventTtlSeconds,
};
