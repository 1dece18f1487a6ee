import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A port of a Service. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  /** A number, or the name that containers give a port of theirs. */
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

/** A Service, as far as controllers look at it. */
export interface Service extends KubeObject {
  spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly ipFamilies?: readonly string[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly publishNotReadyAddresses?: boolean;
    readonly trafficDistribution?: string;
  };
}

/** Services. */
export const SERVICE: Kind<Service> = { apiVersion: 'v1', kind: 'Service' };

/** On what belongs to a Service that has no address of its own. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** When it happened what an object of endpoints was changed for. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Whether it has no address of its own. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None' || !spec.clusterIP;
}

/** Whether its endpoints are the pods that it selects; those of others are made by others. */
export function selectsPods({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined && spec.selector !== null;
}

/** Whether it selects what has these labels. Without a selector it selects nothing, with an empty one everything. */
export function selects({ spec }: Service, labels: Readonly<Record<string, string>> = {}): boolean {
  if (!spec.selector) return false;
  return Object.entries(spec.selector).every(([key, value]) => labels[key] === value);
}
