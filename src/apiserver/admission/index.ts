/**
 * The admission plugins that are on by default, in kube-apiserver's order.
 *
 * What it does not have yet: webhooks, policies in CEL, quota, limit ranges and pod security.
 */
import type { Storage } from 'nekube/storage';
import type { AdmissionPlugin } from '../admission.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Informers } from '../registry/informers.ts';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import { persistentVolumeClaimResize } from './claim-resize.ts';
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import {
  defaultTolerationSeconds,
  podPriority,
  podTopologyLabels,
  runtimeClass,
  taintNodesByCondition,
} from './pods.ts';
import { podResizeValidator } from './pod-resize.ts';
import { storageObjectInUseProtection } from './storage-protection.ts';

/** What plugins look things up with. */
export interface PluginDeps {
  readonly store: Store;
  readonly resources: Resources;
  readonly storage: Storage;
  readonly authorizer: Authorizer;
  readonly informers: Informers;
  readonly webhooks: WebhookClient;
}

/** A new chain's plugins. */
export function defaultPlugins(deps: PluginDeps): AdmissionPlugin[] {
  return [
    namespaceLifecycle(deps),
    taintNodesByCondition,
    podPriority(deps),
    defaultTolerationSeconds,
    defaultStorageClass(deps),
    persistentVolumeClaimResize(deps),
    storageObjectInUseProtection,
    runtimeClass(deps),
    defaultIngressClass(deps),
    podTopologyLabels(deps),
    podResizeValidator(deps),
  ];
}
