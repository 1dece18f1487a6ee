import {
  byteLength,
  type FieldError,
  forbidden,
  goQuote,
  invalid,
  notSupported,
  type Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { Check, Loose, RuleContext } from '../rule.ts';
import { checkDescendingPath } from './paths.ts';

/** Annotations that were the profiles of pods and containers before they had fields. */
export const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
/** The container's name follows. */
export const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** A seccomp profile of a pod or a container. */
export const checkSeccompProfile: Check = (profile, path, context) => {
  if (!profile) return;
  const { type = '', localhostProfile } = profile;
  const { errors } = context;
  if (type === '') errors.push(requiredError(path.child('type'), 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, PROFILE_TYPES));
  const at = path.child('localhostProfile');
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(requiredError(at, 'must be set when seccomp type is Localhost'));
    else checkDescendingPath(localhostProfile, at, context);
  } else if (localhostProfile !== undefined) {
    errors.push(invalidGo(at, 'SeccompProfile', profile, 'can only be set when seccomp type is Localhost'));
  }
};

/** An AppArmor profile of a pod or a container. */
export const checkAppArmorProfile: Check = (profile, path, { errors }) => {
  if (!profile) return;
  const { type = '', localhostProfile: local } = profile;
  const at = path.child('localhostProfile');
  if (type === 'Localhost') checkLocalAppArmorProfile(local, at, errors);
  else if (type === '') errors.push(requiredError(path.child('type'), 'type is required when appArmorProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, PROFILE_TYPES));
  else if (local !== undefined) errors.push(invalid(at, local, 'can only be set when AppArmor type is Localhost'));
};

function checkLocalAppArmorProfile(profile: string | undefined, at: Path, errors: FieldError[]): void {
  const missing = 'must be set when AppArmor type is Localhost';
  if (profile === undefined) return void errors.push(requiredError(at, missing));
  if (profile.trim() !== profile) errors.push(invalid(at, profile, 'must not be padded with whitespace'));
  else if (profile === '') errors.push(requiredError(at, missing));
  if (byteLength(profile) > 4095) errors.push(tooLong(at, 4095));
}

/** The AppArmor profile that an annotation's text means; undefined for a text that means none. */
export function appArmorProfileOf(annotation: string): Loose | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const local = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return local === '' ? undefined : { type: 'Localhost', localhostProfile: local };
}

/** The annotations of a pod or template that are profiles. */
export function checkProfileAnnotations(spec: Loose): Check {
  const names = new Set(allContainers(spec).map((c) => c.name ?? ''));
  return (annotations, path, context) => {
    const pod = annotations?.[SECCOMP_POD_ANNOTATION];
    if (pod !== undefined) checkSeccompAnnotation(pod, path.child(SECCOMP_POD_ANNOTATION), context);
    const keys = Object.keys(annotations ?? {}).sort();
    for (const key of keys.filter((k) => k.startsWith(SECCOMP_CONTAINER_PREFIX))) {
      checkSeccompAnnotation(annotations[key], path.child(key), context);
    }
    for (const key of keys.filter((k) => k.startsWith(APPARMOR_PREFIX))) {
      const [name, profile] = [key.slice(APPARMOR_PREFIX.length), annotations[key] as string];
      if (!names.has(name)) context.errors.push(invalid(path.key(key), name, 'container not found'));
      if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')) continue;
      context.errors.push(invalid(path.key(key), profile, `invalid AppArmor profile name: ${goQuote(profile)}`));
    }
  };
}

const checkSeccompAnnotation: Check = (profile: string, path, context) => {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return;
  if (profile.startsWith('localhost/')) checkDescendingPath(profile.slice('localhost/'.length), path, context);
  else context.errors.push(invalid(path, profile, 'must be a valid seccomp profile'));
};

/** Refuses profiles that contradict the annotations which are older than they are. */
export function checkProfilesMatchAnnotations(annotations: Loose = {}): Check {
  return (spec, path, context) => {
    const podSeccomp = spec.securityContext?.seccompProfile;
    const at = path.child('securityContext', 'seccompProfile');
    checkMatch('seccomp', podSeccomp, annotations[SECCOMP_POD_ANNOTATION], at, context);
    for (const { container, at } of containersWithPath(spec, path)) {
      const annotation = annotations[SECCOMP_CONTAINER_PREFIX + (container.name ?? '')];
      const profile = container.securityContext?.seccompProfile;
      checkMatch('seccomp', profile, annotation, at.child('securityContext', 'seccompProfile'), context);
    }
    if (spec.os?.name === 'windows') return;
    for (const { container, at } of containersWithPath(spec, path)) {
      const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
      const annotation = annotations[APPARMOR_PREFIX + (container.name ?? '')];
      checkMatch('apparmor', profile, annotation, at.child('securityContext', 'appArmorProfile'), context);
    }
  };
}

const ANNOTATION_TEXTS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  seccomp: { Unconfined: ['unconfined'], RuntimeDefault: ['runtime/default', 'docker/default'] },
  apparmor: { Unconfined: ['unconfined'], RuntimeDefault: ['runtime/default'] },
};

function checkMatch(
  kind: string,
  profile: Loose,
  annotation: string | undefined,
  path: Path,
  { errors }: RuleContext,
): void {
  if (!profile || annotation === undefined) return;
  const local = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : undefined;
  const texts = ANNOTATION_TEXTS[kind]![profile.type];
  const sameType = profile.type === 'Localhost' ? local !== undefined : (texts?.includes(annotation) ?? true);
  if (!sameType) errors.push(forbidden(path.child('type'), `${kind} type in annotation and field must match`));
  else if (profile.type === 'Localhost' && profile.localhostProfile !== local) {
    errors.push(forbidden(path.child('localhostProfile'), `${kind} profile in annotation and field must match`));
  }
}

/** All containers of a pod with their paths: init containers, containers, ephemeral containers. */
export function containersWithPath(spec: Loose, path: Path): { container: Loose; at: Path }[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    (spec[list] ?? []).map((container: Loose, i: number) => ({ container, at: path.child(list).index(i) })),
  );
}

/** All containers of a pod. */
export function allContainers(spec: Loose): Loose[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}
