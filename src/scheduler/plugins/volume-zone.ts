import { type PersistentVolume, classNameOf } from 'nekube/component-helpers';
import type { NodeInfo } from '../cluster/node-info.ts';
import type { Volumes } from '../cluster/volumes.ts';
import type { Pod } from '../objects/pod.ts';
import { type StorageClass } from '../objects/storage.ts';
import type { ClusterEvent, FilterPlugin, Rejection } from './plugin.ts';
import { claimVolumesOf } from './pod-claims.ts';
import { isOfPod } from './volume-binding.ts';

const NAME = 'VolumeZone';
const reject = (reason: string): Rejection => ({ plugin: NAME, reasons: [reason], isResolvable: false });
const ELSEWHERE = reject('node(s) had no available volume zone');
/** The labels by which volumes say where they are; those of old have the newer names beside them. */
const LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** A volume that is in a zone is used there. A node that says nothing of zones is in all. */
export const volumeZone: FilterPlugin = {
  name: NAME,
  prepare({ pod }, { volumes }) {
    const places = placesOf(pod, volumes);
    if (!Array.isArray(places)) return { rejection: places as Rejection };
    return places.length === 0 ? undefined : { filter: (node) => (isIn(node, places) ? undefined : ELSEWHERE) };
  },
  isHelped(pod, event) {
    const { resource, action, object } = event;
    if (resource === 'Node') return action === 'Add' || action === 'UpdateNodeLabel';
    if (resource === 'PersistentVolumeClaim') return action !== 'Delete' && isOfPod(pod, event);
    if (resource === 'PersistentVolume') return action === 'Add' || (action === 'Update' && hasMoved(event));
    const { volumeBindingMode } = (object ?? {}) as Partial<StorageClass>;
    return resource === 'StorageClass' && action === 'Add' && volumeBindingMode === 'WaitForFirstConsumer';
  },
};

/** A label, and the values that do. */
interface Place {
  readonly key: string;
  readonly values: readonly string[];
}

function placesOf(pod: Pod, volumes: Volumes): readonly Place[] | Rejection {
  const places: Place[] = [];
  for (const { name } of claimVolumesOf(pod).filter(({ isEphemeral }) => !isEphemeral)) {
    const claim = volumes.claim(pod.metadata.namespace ?? '', name);
    if (claim === undefined) return reject(`persistentvolumeclaim "${name}" not found`);
    const { volumeName } = claim.spec;
    if (!volumeName) {
      // the filter before this one has seen to those that somebody else must bind
      if (classNameOf(claim) === '') return reject('PersistentVolumeClaim had no pv name and storageClass name');
      continue;
    }
    const volume = volumes.volume(volumeName);
    if (volume === undefined) return reject(`persistentvolume "${volumeName}" not found`);
    places.push(...placesOfVolume(volume));
  }
  return places;
}

function placesOfVolume({ metadata: { labels = {} } }: PersistentVolume): readonly Place[] {
  return Object.keys(LABELS).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, values: value.split('__') }];
  });
}

function isIn({ labels }: NodeInfo, places: readonly Place[]): boolean {
  if (!Object.keys(LABELS).some((key) => labels[key] !== undefined)) return true;
  return places.every(({ key, values }) => values.includes(labels[key] ?? labels[LABELS[key]!] ?? ''));
}

function hasMoved({ old, object }: ClusterEvent): boolean {
  return Object.keys(LABELS).some((key) => old?.metadata.labels?.[key] !== object?.metadata.labels?.[key]);
}
