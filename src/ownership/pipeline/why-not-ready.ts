import {
  formatLabelSelector,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type LabelSelectorObject,
} from 'nekube/apimachinery';
import type { Client } from 'nekube/client';

/** So many pods of a workload are looked at, and so many sentences are told. */
const MOST_PODS = 20;
const MOST_DETAILS = 6;

/**
 * Why an object is not ready, as its conditions, its pods and the events of both say it. What cannot be read is left out:
 * the object's own state is known already.
 */
export async function whyNotReady(client: Client, object: KubeObject, signal: AbortSignal): Promise<string[]> {
  const pods = object.kind === 'Pod' ? [object] : await podsOf(client, object, signal);
  const events = await Promise.all([object, ...pods.slice(0, 2)].map((one) => warningsOf(client, one, signal)));
  const details = [...conditionDetails(object), ...pods.flatMap(podDetails), ...events.flat()];
  return [...new Set(details)].slice(0, MOST_DETAILS);
}

/** The pods that a workload selects. */
async function podsOf(client: Client, { metadata, spec }: KubeObject, signal: AbortSignal): Promise<KubeObject[]> {
  const { namespace } = metadata;
  const selector: unknown = spec?.selector;
  // that of a Service is another form, and an empty one selects all
  if (
    namespace === undefined ||
    !isJsonObject(selector) ||
    !('matchLabels' in selector || 'matchExpressions' in selector)
  )
    return [];
  const labelSelector = formatLabelSelector(selector as LabelSelectorObject);
  const found = await orNothing(
    client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector, limit: MOST_PODS, signal }),
  );
  return (found?.items ?? []).filter((pod) => !isReady(pod));
}

function isReady({ status }: KubeObject): boolean {
  return itemsOf(status?.conditions).some(({ type, status: value }) => type === 'Ready' && value === 'True');
}

/** What is not as it should be: a condition that is false, or one of failure that is true. */
function conditionDetails({ kind, status }: KubeObject): string[] {
  if (kind === 'Pod') return [];
  return itemsOf(status?.conditions)
    .filter(({ type, status: value }) => (value === 'False') !== /Fail|Stalled|Reconciling/.test(String(type)))
    .filter(({ message }) => typeof message === 'string' && message !== '')
    .map(({ type, reason, message }) => `condition ${String(type)}: ${reasoned(reason, message)}`);
}

function podDetails({ metadata, status }: KubeObject): string[] {
  const about = `pod ${metadata.name}`;
  const unscheduled = itemsOf(status?.conditions)
    .filter(({ type, status: value }) => type === 'PodScheduled' && value === 'False')
    .map(({ reason, message }) => `${about}: ${reasoned(reason, message)}`);
  const statuses = [...itemsOf(status?.initContainerStatuses), ...itemsOf(status?.containerStatuses)];
  return [...unscheduled, ...statuses.flatMap((one) => containerDetails(about, one))];
}

function containerDetails(about: string, { name, ready, state, lastState }: JsonObject): string[] {
  if (ready === true || !isJsonObject(state)) return [];
  const container = `${about}, container ${String(name)}`;
  const { waiting, terminated } = state;
  const last = isJsonObject(lastState) && isJsonObject(lastState.terminated) ? lastState.terminated : undefined;
  const ended = last === undefined ? '' : `, ended before with exit code ${String(last.exitCode)}`;
  if (isJsonObject(waiting)) return [`${container}: ${reasoned(waiting.reason, waiting.message)}${ended}`];
  if (isJsonObject(terminated) && terminated.exitCode !== 0)
    return [
      `${container}: ${reasoned(terminated.reason, terminated.message)}, exit code ${String(terminated.exitCode)}`,
    ];
  return isJsonObject(state.running) ? [`${container}: it runs and is not ready${ended}`] : [];
}

/** The last warnings about an object. */
async function warningsOf(client: Client, { kind, metadata }: KubeObject, signal: AbortSignal): Promise<string[]> {
  const { uid, name, namespace = 'default' } = metadata;
  if (uid === undefined) return [];
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
  const found = await orNothing(
    client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector, limit: 100, signal }),
  );
  const timeOf = (event: KubeObject): string =>
    String(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '');
  return (found?.items ?? [])
    .sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
    .slice(0, 2)
    .map(({ reason, message }) => `event of ${String(kind).toLowerCase()} ${name}: ${reasoned(reason, message)}`);
}

function reasoned(reason: JsonValue | undefined, message: JsonValue | undefined): string {
  const texts = [reason, message].filter((text) => typeof text === 'string' && text !== '');
  return texts.length === 0 ? 'no reason is given' : texts.join(': ');
}

async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

function itemsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
