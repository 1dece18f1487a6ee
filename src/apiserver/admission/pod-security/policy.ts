import { type FieldError, invalid, Path } from 'nekube/apimachinery';

/** How much pods may do: everything, what is no known way out of a container, or the least. */
export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as a minor version of Kubernetes has it; Infinity is the latest. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number;
}

/** What the labels of a namespace ask for, in each mode. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

/** Labels, and the annotations of audit events, begin with this. */
export const PREFIX = 'pod-security.kubernetes.io/';

const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];
const ANYTHING: LevelVersion = { level: 'privileged', minor: Infinity };
const NO_DEFAULTS: Policy = { enforce: ANYTHING, audit: ANYTHING, warn: ANYTHING };

/** `baseline:v1.30`. */
export function printLevel({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
}

/** Below, at or above zero as the first level is less, as or more strict than the second. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** Whether the policy asks for nothing in any mode. */
export function isFullyPrivileged({ enforce, audit, warn }: Policy): boolean {
  return [enforce, audit, warn].every(({ level }) => level === 'privileged');
}

/**
 * Reads the policy from the labels of a namespace, and from defaults where it has none. There always is one: a level to enforce that cannot be read is the
 * strictest, one to tell of is none, and a version is the latest.
 */
export function policyOf(
  labels: Labels = {},
  defaults: Policy = NO_DEFAULTS,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: keyof Policy, fallback: Level): LevelVersion => ({
    level: readLevel(labels, PREFIX + mode, fallback, errors) ?? defaults[mode].level,
    minor: readVersion(labels, `${PREFIX}${mode}-version`, errors) ?? defaults[mode].minor,
  });
  const enforce = read('enforce', 'restricted');
  const audit = read('audit', 'privileged');
  const warn = read('warn', 'privileged');
  const policy = { enforce, audit, warn };
  const follows = labels[`${PREFIX}warn`] === undefined && LEVELS.includes(labels[`${PREFIX}enforce`] ?? '');
  if (!follows || compareLevels(enforce.level, warn.level) <= 0) return { policy, errors };
  const minor = labels[`${PREFIX}warn-version`] === undefined ? enforce.minor : warn.minor;
  return { policy: { ...policy, warn: { level: enforce.level, minor } }, errors };
}

type Labels = Readonly<Record<string, string>>;

function readLevel(labels: Labels, label: string, fallback: Level, errors: FieldError[]): Level | undefined {
  const value = labels[label];
  if (value === undefined) return undefined;
  if (LEVELS.includes(value)) return value as Level;
  errors.push(invalid(Path.of('metadata', 'labels').key(label), value, `must be one of ${LEVELS.join(', ')}`));
  return fallback;
}

function readVersion(labels: Labels, label: string, errors: FieldError[]): number | undefined {
  const value = labels[label];
  if (value === undefined) return undefined;
  if (value === 'latest') return ANYTHING.minor;
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(value)?.[1];
  if (minor !== undefined && BigInt(minor) < 2n ** 63n) return Number(minor);
  errors.push(invalid(Path.of('metadata', 'labels').key(label), value, 'must be "latest" or "v1.x"'));
  return ANYTHING.minor;
}
