/** What of the built-in controllers can be set, by the names of kube-controller-manager's flags, and with its defaults. */
export interface ControllerSettings {
  /** `--node-monitor-period`: so often the nodes' health is looked at. */
  readonly nodeMonitorPeriodMs: number;
  /** `--node-monitor-grace-period`: so long a node may be silent before nobody knows how it is. */
  readonly nodeMonitorGracePeriodMs: number;
  /** `--node-startup-grace-period`: so long a new node may say nothing at all. */
  readonly nodeStartupGracePeriodMs: number;
  /** `--node-eviction-rate`: so many nodes a second get the taint that evicts, in a zone that is healthy. */
  readonly nodeEvictionRate: number;
  /** `--secondary-node-eviction-rate`: the same in a large zone of which too much is unhealthy. */
  readonly secondaryNodeEvictionRate: number;
  /** `--large-cluster-size-threshold`: a zone that is no larger evicts nothing while too much of it is unhealthy. */
  readonly largeClusterSizeThreshold: number;
  /** `--unhealthy-zone-threshold`: the part of a zone that is too much. */
  readonly unhealthyZoneThreshold: number;
  /** `--pvclaimbinder-sync-period`: so often all claims and volumes are looked at again. */
  readonly pvclaimbinderSyncPeriodMs: number;
  /** `--resource-quota-sync-period`: so often all quotas are counted anew. */
  readonly resourceQuotaSyncPeriodMs: number;
  /** `--horizontal-pod-autoscaler-sync-period`: so often each autoscaler is looked at. */
  readonly horizontalPodAutoscalerSyncPeriodMs: number;
  /** `--cluster-signing-duration`: the longest that a signed certificate is valid. */
  readonly clusterSigningDurationMs: number;
  /** `--terminated-pod-gc-threshold`: so many pods that have ended are kept; 0 or less: all. */
  readonly terminatedPodGcThreshold: number;
  /**
   * So long after its deletion a namespace is emptied: by then all servers refuse to create something in it. With one server
   * there is nothing to wait for; kube-controller-manager has no flag for it.
   */
  readonly namespaceDeletionGraceMs: number;
  /** So often pods are looked for that nobody else deletes; kube-controller-manager has no flag for it. */
  readonly podGcPeriodMs: number;
  /** So long a node is missing before its pods are deleted; kube-controller-manager has no flag for it. */
  readonly podGcQuarantineMs: number;
  /** `--cluster-cidr`: what pods' addresses are of, as `10.244.0.0/16`, one or two with a comma; absent: nodes get no ranges. */
  readonly clusterCidr?: string;
  /** `--node-cidr-mask-size-ipv4` */
  readonly nodeCidrMaskSizeIpv4: number;
  /** `--node-cidr-mask-size-ipv6` */
  readonly nodeCidrMaskSizeIpv6: number;
}

/** What kube-controller-manager does when no flag is given. */
export const DEFAULT_SETTINGS: ControllerSettings = {
  nodeMonitorPeriodMs: 5_000,
  nodeMonitorGracePeriodMs: 50_000,
  nodeStartupGracePeriodMs: 60_000,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
  pvclaimbinderSyncPeriodMs: 15_000,
  resourceQuotaSyncPeriodMs: 300_000,
  horizontalPodAutoscalerSyncPeriodMs: 15_000,
  clusterSigningDurationMs: 365 * 24 * 3_600_000,
  terminatedPodGcThreshold: 12_500,
  namespaceDeletionGraceMs: 5_000,
  podGcPeriodMs: 20_000,
  podGcQuarantineMs: 40_000,
  nodeCidrMaskSizeIpv4: 24,
  nodeCidrMaskSizeIpv6: 64,
};
