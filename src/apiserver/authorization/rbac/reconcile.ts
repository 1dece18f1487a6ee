import { jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { missingGrants } from './coverage.ts';
import { rulesOfRole } from './policy-rule.ts';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * What becomes of a bootstrap role or binding at the start of a server: it gets the rules, subjects, labels and
 * annotations that it lacks, and keeps what others have added. A binding to another role is made anew.
 *
 * @returns undefined if it lacks nothing, or says by its annotation that it is not to be updated
 */
export function reconciled(live: KubeObject, expected: KubeObject): KubeObject | 'recreate' | undefined {
  const { annotations = {}, labels = {} } = live.metadata;
  if (annotations[AUTO_UPDATE] === 'false' || isAsExpected(live, expected)) return undefined;
  if (expected.roleRef && !jsonEqual(live.roleRef, expected.roleRef)) return 'recreate';
  const object = {
    ...live,
    metadata: {
      ...live.metadata,
      annotations: { ...expected.metadata.annotations, ...annotations },
      labels: { ...expected.metadata.labels, ...labels },
    },
    ...(expected.roleRef ? withSubjects(live, expected) : withRules(live, expected)),
  };
  if (expected.roleRef === undefined && !expected.aggregationRule) delete (object as KubeObject).aggregationRule;
  return jsonEqual(plain(object), plain(live)) ? undefined : object;
}

/** What nobody has changed, which is nearly all at nearly every start, is told without taking rules apart. */
function isAsExpected(live: KubeObject, expected: KubeObject): boolean {
  return (
    has(live.metadata.annotations, expected.metadata.annotations) &&
    has(live.metadata.labels, expected.metadata.labels) &&
    PARTS.every((part) => isSame(live[part], expected[part]))
  );
}

const PARTS = ['rules', 'aggregationRule', 'roleRef', 'subjects'] as const;

function has(live: Readonly<Record<string, string>> = {}, expected: Readonly<Record<string, string>> = {}): boolean {
  return Object.keys(expected).every((key) => key in live);
}

/** A list that is absent is no other than an empty one. */
function isSame(live: unknown, expected: unknown): boolean {
  return jsonEqual((live ?? []) as JsonValue, (expected ?? []) as JsonValue);
}

function withSubjects(live: KubeObject, expected: KubeObject): object {
  const missing = missingFrom(live.subjects, expected.subjects);
  return missing.length === 0 ? {} : { subjects: [...(live.subjects ?? []), ...missing] };
}

function withRules(live: KubeObject, expected: KubeObject): object {
  const rules = missingGrants(rulesOfRole(live), rulesOfRole(expected));
  const selectors = missingFrom(
    live.aggregationRule?.clusterRoleSelectors,
    expected.aggregationRule?.clusterRoleSelectors,
  );
  const known = live.aggregationRule?.clusterRoleSelectors ?? [];
  return {
    ...(rules.length > 0 && { rules: [...rulesOfRole(live), ...rules] }),
    ...(selectors.length > 0 && { aggregationRule: { clusterRoleSelectors: [...known, ...selectors] } }),
  };
}

function missingFrom(live: readonly JsonValue[] | null | undefined, expected: readonly JsonValue[] | null | undefined) {
  return (expected ?? []).filter((one) => !(live ?? []).some((other) => jsonEqual(one, other)));
}

function plain(object: object): JsonValue {
  return JSON.parse(JSON.stringify(object)) as JsonValue;
}
