import { type FieldError, forbidden, invalid, Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { keepMetadata, takeOver } from '../strategy.ts';
import { isSidecar } from './containers.ts';
import { MIRROR_POD } from './pod-annotations.ts';
import { podQosClass } from './pod-qos.ts';
import { semanticEqual } from './semantic-equal.ts';

const SPEC = Path.of('spec');

/** Why a pod cannot be resized at all; undefined when it can. */
export function resizeObstacle(old: Loose): FieldError | undefined {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) return forbidden('[]', 'static pods cannot be resized');
  return old.spec.os?.name === 'windows' ? forbidden('[]', 'windows pods cannot be resized') : undefined;
}

/** What a resize may change: cpu and memory of containers and of the pod, within the pod's class of service. */
export function validatePodResize(pod: Loose, old: Loose): FieldError[] {
  const before = old.status?.qosClass || podQosClass(old.spec);
  const errors: FieldError[] = [];
  if (before !== podQosClass(pod.spec)) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid(SPEC, pod.status?.qosClass ?? '', detail));
  }
  if (!canNodeResize(old)) errors.push(forbidden(SPEC, 'Pod running on node without support for resize'));
  const spec = { ...pod.spec };
  if (hasOwnResources(old) || hasOwnResources(pod)) errors.push(...checkPodLevel(spec, old.spec));
  if (old.status?.nodeAllocatableResourceClaimStatuses?.length > 0) {
    errors.push(forbidden(SPEC, 'pods with node allocatable resource claims cannot be resized'));
  }
  const moved = containerOrderErrors(pod.spec, old.spec);
  errors.push(...moved);
  if (moved.length > 0) return errors;
  errors.push(
    ...removedErrors(pod.spec, old.spec, 'initContainers'),
    ...removedErrors(pod.spec, old.spec, 'containers'),
  );
  errors.push(...otherChanges(spec, old.spec));
  if (errors.length > 0 || semanticEqual(spec, old.spec)) return errors;
  return [forbidden(SPEC, 'only cpu and memory resources are mutable')];
}

/** A node that reports no resources of a running container cannot change them. */
function canNodeResize(pod: Loose): boolean {
  const running = (pod.status?.containerStatuses ?? []).find((c: Loose) => c.state?.running);
  return running === undefined || running.resources !== undefined;
}

function hasOwnResources({ spec: { resources } }: Loose): boolean {
  return Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;
}

/** Checks the pod's own resources, and leaves in `spec` those of its changes that are not allowed. */
function checkPodLevel(spec: Loose, old: Loose): FieldError[] {
  const path = SPEC.child('resources');
  if (old.resources && !spec.resources) return [forbidden(path, 'pod-level resources cannot be removed')];
  const errors: FieldError[] = [];
  for (const which of old.resources ? ['requests', 'limits'] : []) {
    if (!isRemoved(spec.resources[which], old.resources[which])) continue;
    errors.push(forbidden(path.child(which), `pod-level resource ${which} cannot be removed`));
  }
  spec.resources = withStoredAmounts(spec.resources, old.resources);
  if (!old.resources && Object.keys(spec.resources).length === 0) delete spec.resources;
  if (!semanticEqual(spec.resources, old.resources)) {
    errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable at pod-level'));
  }
  return errors;
}

function containerOrderErrors(spec: Loose, old: Loose): FieldError[] {
  return ['containers', 'initContainers'].flatMap((list) => {
    const [now, before]: [Loose[], Loose[]] = [spec[list] ?? [], old[list] ?? []];
    const path = SPEC.child(list);
    if (now.length !== before.length) return [forbidden(path, `${list} may not be added or removed on resize`)];
    const renamed = [...now.keys()].filter((i) => now[i].name !== before[i].name);
    return renamed.map((i) =>
      forbidden(path.index(i).child('name'), `${list} may not be renamed or reordered on resize`),
    );
  });
}

function removedErrors(spec: Loose, old: Loose, list: string): FieldError[] {
  return (old[list] ?? []).flatMap((container: Loose, i: number) =>
    ['requests', 'limits']
      .filter((which) => isRemoved(spec[list][i].resources?.[which], container.resources?.[which]))
      .map((which) =>
        forbidden(SPEC.child(list).index(i).child('resources', which), `resource ${which} cannot be removed`),
      ),
  );
}

function isRemoved(amounts: Loose = {}, old: Loose = {}): boolean {
  return Object.keys(old).some((name) => amounts[name] === undefined);
}

/** Changes of containers beside cpu and memory; those two are taken as stored in `spec`. */
function otherChanges(spec: Loose, old: Loose): FieldError[] {
  const errors: FieldError[] = [];
  spec.containers = spec.containers.map((container: Loose, i: number) => {
    const rest = { ...container, resources: withStoredAmounts(container.resources, old.containers[i].resources) };
    if (!semanticEqual(rest, old.containers[i]))
      errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable'));
    return rest;
  });
  spec.initContainers = spec.initContainers?.map((container: Loose, i: number) => {
    const stored = old.initContainers[i];
    const path = SPEC.child('initContainers').index(i);
    const rest = { ...container, resources: withStoredAmounts(container.resources, stored.resources) };
    if (!semanticEqual(rest, stored)) {
      errors.push(forbidden(path, 'only cpu and memory resources for init or sidecar containers are mutable'));
    }
    if (!semanticEqual(container, stored) && !isSidecar(container)) errors.push(...restartErrors(container, path));
    return rest;
  });
  return errors;
}

function restartErrors({ resizePolicy = [] }: Loose, path: Path): FieldError[] {
  const detail = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
  return resizePolicy.filter((p: Loose) => p.restartPolicy === 'RestartContainer').map(() => forbidden(path, detail));
}

/** Requests and limits with the stored cpu and memory; claims do not survive, as upstream. */
function withStoredAmounts(resources: Loose = {}, old: Loose = {}): Loose {
  const out: Loose = {};
  for (const which of ['limits', 'requests']) {
    const { cpu: _cpu, memory: _memory, ...others } = resources[which] ?? {};
    for (const name of ['cpu', 'memory']) if (old[which]?.[name] !== undefined) others[name] = old[which][name];
    if (Object.keys(others).length > 0) out[which] = others;
  }
  return out;
}

/** What a resize takes from the request: resources and resize policies; with other containers it is left to fail. */
export function takeResizedFields(pod: Loose, old: Loose): void {
  const { spec } = pod;
  const lists = ['containers', 'initContainers'];
  if (lists.some((list) => (spec[list] ?? []).length !== (old.spec[list] ?? []).length)) return;
  const merged = lists.map((list): [string, Loose[] | undefined] => [list, mergeResized(spec[list], old.spec[list])]);
  pod.spec = { ...old.spec };
  if (spec.resources === undefined) delete pod.spec.resources;
  else pod.spec.resources = spec.resources;
  for (const [list, containers] of merged) if (containers) pod.spec[list] = containers;
  takeOver(pod, old, 'status');
  keepMetadata(pod, old);
}

function mergeResized(containers: Loose[] | undefined, old: Loose[]): Loose[] | undefined {
  if (containers?.some((container, i) => container.name !== old[i].name)) return containers;
  return containers?.map(({ resources, resizePolicy }, i) => {
    const merged = { ...old[i], resources };
    if (resizePolicy === undefined) delete merged.resizePolicy;
    else merged.resizePolicy = resizePolicy;
    return merged;
  });
}
