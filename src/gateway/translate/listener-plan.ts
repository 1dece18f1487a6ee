import type { LabelSelectorObject } from 'nekube/apimachinery';
import type { ClientSettings, DownstreamTls, ExternalAuth, Secret } from '../model/index.ts';
import type { Condition } from '../statuses/index.ts';
import type { ResolvedBackend } from './backends.ts';

/** A listener as it is to be served: plain data, so that two plans compare. */
export interface ListenerPlan {
  /** `Gateway/NS/NAME/LISTENER` or `ListenerSet/NS/NAME/LISTENER`. */
  readonly id: string;
  readonly owner: Owner;
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol | undefined;
  /** Lower case; absent: all. */
  readonly hostname?: string;
  readonly mode?: 'Terminate' | 'Passthrough';
  /** Kinds of routes that may attach, by what is supported and asked for. */
  readonly kinds: readonly string[];
  readonly allowed: AllowedNamespaces;
  /** `Programmed` is among them where it cannot be. */
  readonly conditions: readonly Condition[];
  /** Absent: it can be served. Else why not: the reason of `Programmed`, and the message. */
  readonly broken?: { readonly reason: string; readonly message: string };
  readonly tls?: DownstreamTls;
  /** What policies say of its clients. */
  readonly settings?: ClientSettings;
  /** What happens to requests before a route is chosen. */
  readonly filters?: ListenerFilters;
  readonly secrets: readonly Secret[];
}

/** What of a listener decides which routes attach: not its certificates, which change on their own. */
export type AttachableListener = Pick<
  ListenerPlan,
  'id' | 'owner' | 'name' | 'port' | 'protocol' | 'hostname' | 'mode' | 'kinds' | 'allowed'
>;

/** What happens to requests of a listener before a route is chosen. */
export interface ListenerFilters {
  readonly externalAuths: readonly ExternalAuth[];
  readonly backends: readonly ResolvedBackend[];
  /** Something that must be asked is not there: nothing is let in. */
  readonly isClosed: boolean;
}

/** Whose listener it is. */
export interface Owner {
  readonly kind: 'Gateway' | 'ListenerSet';
  readonly namespace: string;
  readonly name: string;
  readonly generation?: number;
}

/** What this controller knows to serve. */
export type Protocol = 'HTTP' | 'HTTPS' | 'TLS' | 'TCP' | 'UDP';

/** From where routes may attach; `namespace` is that of the listener's owner. */
export interface AllowedNamespaces {
  readonly from: string;
  readonly namespace: string;
  readonly selector?: LabelSelectorObject;
}

/** A Gateway as it is to be served, with the listeners of its ListenerSets. */
export interface GatewayPlan {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly generation?: number;
  /** The creationTimestamp. */
  readonly created?: string;
  /** By precedence: the Gateway's, then those of ListenerSets. */
  readonly listeners: readonly ListenerPlan[];
  readonly listenerSets: readonly ListenerSetPlan[];
  /** What backends are shown; `problem`: there is one, but it cannot be shown. */
  readonly clientCertificate?: Secret;
  /** What its listeners need beside those of routes: where spans go. */
  readonly backends?: readonly ResolvedBackend[];
  readonly accepted: boolean;
  /** `Programmed` is among them where it cannot be. */
  readonly conditions: readonly Condition[];
  /** What was asked for under spec.addresses. */
  readonly requestedAddresses: readonly { readonly type: string; readonly value: string }[];
}

/** A ListenerSet that names a Gateway of ours. */
export interface ListenerSetPlan {
  readonly key: string;
  readonly gateway: string;
  readonly accepted: boolean;
  readonly generation?: number;
  readonly conditions: readonly Condition[];
  /** Ids. */
  readonly listeners: readonly string[];
}
