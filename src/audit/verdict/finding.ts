/** In which way an operator does more than to render, or does not. */
export type Aspect =
  /** It does the same for the same resource. */
  | 'stable'
  /** It writes what differs each time. */
  | 'random'
  /** It writes the time of day. */
  | 'stamps'
  /** The same, in Secrets alone. */
  | 'random-secret'
  /** What it makes of a resource depends on what that was before. */
  | 'history'
  /** It reads other objects, and does otherwise by them. */
  | 'reads-other'
  /** It writes into other namespaces than the resource's. */
  | 'foreign-namespace'
  /** It changes or deletes objects that it did not make. */
  | 'edits-others'
  /** It changes the spec of the resources that it works on, which others wrote. */
  | 'writes-own-spec'
  /** It reads an object of another namespace that a resource names. */
  | 'crosses-namespaces'
  /** It makes again what was deleted, or takes back what was edited. */
  | 'heals'
  /** It writes to others when the status of what it made changes. */
  | 'follows-status'
  /** It tells the status of what it made in that of the resource. */
  | 'reports-status'
  /** It does something as time goes by. */
  | 'time'
  /** It does otherwise after a restart. */
  | 'restart'
  /** It makes or changes something when a resource is deleted. */
  | 'acts-on-deletion'
  /** It cleans up when a resource is deleted. */
  | 'finalizer'
  /** What it made stays when the resource is deleted. */
  | 'orphans'
  /** It does not try again what failed. */
  | 'gives-up'
  /** It talks to others than the API server, or tries to. */
  | 'egress'
  /** It talks to what it made, or tries to. */
  | 'calls-workloads'
  /** It goes by the resource's name, labels or annotations in other ways than to have them in what it writes. */
  | 'uses-metadata'
  /** It takes part in an election of a leader. */
  | 'elects-leader'
  /** It serves webhooks. */
  | 'serves-webhooks'
  /** Its webhooks change or refuse what others make. */
  | 'admits-others'
  /** It watches what it does not make. */
  | 'watches-others'
  /** It takes fields from others by force. */
  | 'forces'
  /** It writes an object to and fro. */
  | 'flip-flops'
  /** It ended by itself, and was started anew. */
  | 'crashes'
  /** It made nothing. */
  | 'nothing';

/** What a probe found. */
export interface Finding {
  /** The kind of resources that it is about, as in `shops.shop.example`; absent: the only one. */
  readonly kind?: string;
  readonly aspect: Aspect;
  /** What was done, as a sentence. */
  readonly probe: string;
  /** What was seen of it: requests, objects, paths. */
  readonly evidence: readonly string[];
  /** What the operator wrote, and read by name, while the probe was at work: a line each, without secrets; at most the first few. */
  readonly requests?: readonly string[];
}

/** Which kinds of custom resources an operator was probed with. */
export interface ProbedKinds {
  /** As in `shops.shop.example`; several with commas between. */
  readonly probed: string;
  /** Those that are defined, too; `why` one was not probed that should have been. */
  readonly others: readonly { readonly kind: string; readonly isAskedFor: boolean; readonly why?: string }[];
}

/** How far an operator was looked at. */
export interface Coverage {
  readonly kinds: ProbedKinds;
  readonly leaves: {
    readonly all: number;
    /** The operator saw another value of so many. */
    readonly exercised: number;
    /** Values that the server refused, each with its place and the server's reason: `spec/replicas is 9: …`. */
    readonly refused: readonly string[];
    /** Leaves that were tried, and changed nothing: what the operator does by them was not reached, or is nothing. */
    readonly withoutEffect: readonly string[];
    readonly untried: readonly string[];
  };
  /** Which leaves of the spec change which places. */
  readonly influence: ReadonlyMap<string, readonly string[]>;
  /** What was not done, and why. */
  readonly gaps: readonly string[];
  /** Those of the gaps that are for want of time. */
  readonly cutOff?: readonly string[];
  /** What cannot be seen of an operator of its kind here, whatever is done. */
  readonly limits: readonly string[];
  /** Those of the limits that are for a watch alone, by the kind that is watched: `deployments.apps`. */
  readonly watchLimits?: ReadonlyMap<string, string>;
}
