import { flushCoreEvents, type Manager } from 'nekube/controller';
import type { SigningCa } from 'nekube/pki';
import type { BuiltinController } from './builtin-controller.ts';
import { certificateApprovingController } from './certificates/certificatesigningrequest-approving-controller.ts';
import { certificateCleanerController } from './certificates/certificatesigningrequest-cleaner-controller.ts';
import { certificateSigningController } from './certificates/certificatesigningrequest-signing-controller.ts';
import { cronJobController } from './cronjob/cronjob-controller.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/cluster-role-aggregation-controller.ts';
import { daemonSetController } from './daemonset/daemonset-controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { endpointsController } from './endpoints/endpoints-controller.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring/endpointslice-mirroring-controller.ts';
import { endpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { horizontalPodAutoscalerController } from './podautoscaler/horizontal-pod-autoscaler-controller.ts';
import { garbageCollectorController } from './garbage-collector/garbage-collector-controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { ephemeralVolumeController } from './ephemeral-volume/ephemeral-volume-controller.ts';
import { persistentVolumeBinderController } from './persistentvolume-binder/persistentvolume-binder-controller.ts';
import { persistentVolumeClaimProtectionController } from './volume-protection/persistentvolumeclaim-protection-controller.ts';
import { persistentVolumeProtectionController } from './volume-protection/persistentvolume-protection-controller.ts';
import { jobController } from './job/job-controller.ts';
import { localPathProvisioner } from './local-path/local-path-provisioner.ts';
import { nodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { statefulSetController } from './statefulset/statefulset-controller.ts';
import { taintEvictionController } from './taint-eviction/taint-eviction-controller.ts';
import { serviceAccountTokenController } from './service-account-tokens/serviceaccount-token-controller.ts';
import { ttlController } from './ttl/ttl-controller.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/ttl-after-finished-controller.ts';
import { podGarbageCollectorController } from './pod-garbage-collector/pod-garbage-collector-controller.ts';
import { replicaSetController } from './replicaset/replicaset-controller.ts';
import { resourceQuotaController } from './resourcequota/resourcequota-controller.ts';
import { rootCaController } from './root-ca/root-ca-controller.ts';
import { serviceAccountController } from './service-account/service-account-controller.ts';
import { type ControllerSettings, DEFAULT_SETTINGS } from './settings.ts';

/** How the built-in controllers are run. */
export interface ControllersOptions {
  /** Which of {@link CONTROLLERS}; default all. */
  readonly names?: readonly string[];
  /** PEM of whom pods trust to be the API server; without it `root-ca-certificate-publisher-controller` does nothing. */
  readonly rootCa?: string;
  /** The CA that signs certificates which are asked for; without it requests for them wait. */
  readonly signingCa?: SigningCa;
  /** The folder in which `local-path-provisioner` makes volumes; without it, it makes none. Made when the first one is. */
  readonly localPath?: string;
  /** What is otherwise than {@link DEFAULT_SETTINGS}. */
  readonly settings?: Partial<ControllerSettings>;
}

/** All that there are, one folder each, in the order of their names. */
const ALL: readonly BuiltinController[] = [
  certificateApprovingController,
  certificateCleanerController,
  certificateSigningController,
  clusterRoleAggregationController,
  cronJobController,
  daemonSetController,
  deploymentController,
  disruptionController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  ephemeralVolumeController,
  garbageCollectorController,
  horizontalPodAutoscalerController,
  jobController,
  localPathProvisioner,
  namespaceController,
  nodeIpamController,
  nodeLifecycleController,
  persistentVolumeBinderController,
  persistentVolumeProtectionController,
  persistentVolumeClaimProtectionController,
  podGarbageCollectorController,
  replicaSetController,
  resourceQuotaController,
  rootCaController,
  serviceAccountController,
  serviceAccountTokenController,
  statefulSetController,
  taintEvictionController,
  ttlAfterFinishedController,
  ttlController,
];

/** The names of all built-in controllers, as kube-controller-manager has them. */
export const CONTROLLERS: readonly string[] = ALL.map(({ name }) => name);

/** Whom the writes of built-in controllers belong to. */
const FIELD_MANAGER = 'kube-controller-manager';

/**
 * Adds built-in controllers to a manager, which runs them when it is started.
 *
 * @throws RangeError for a name that is none of {@link CONTROLLERS}
 */
export async function addControllers(
  manager: Manager,
  { names = CONTROLLERS, rootCa, signingCa, localPath, settings = {} }: ControllersOptions = {},
): Promise<void> {
  const client = manager.client.with({ fieldManager: FIELD_MANAGER });
  for (const name of names) {
    const controller = ALL.find((one) => one.name === name);
    if (controller === undefined) throw new RangeError(`There is no built-in controller ${JSON.stringify(name)}`);
    await controller.setUp({
      manager,
      client,
      clock: manager.clock,
      settings: { ...DEFAULT_SETTINGS, ...settings },
      ...(rootCa !== undefined && { rootCa }),
      ...(signingCa !== undefined && { signingCa }),
      ...(localPath !== undefined && { localPath }),
    });
  }
  manager.add({ name: 'events', start: (signal) => toTheEnd(signal).then(() => flushCoreEvents(client)) });
}

function toTheEnd(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
