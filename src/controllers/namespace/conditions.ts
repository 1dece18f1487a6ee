/** A condition of a namespace that goes. */
export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What one round of emptying a namespace came to. */
export interface Findings {
  /** Why not all kinds are known. */
  readonly discoveryError?: string;
  /** Why content could not be deleted, one a kind. */
  readonly contentErrors: readonly string[];
  /** How many objects are left, by `RESOURCE.GROUP`; the core group is empty, and its dot stays. */
  readonly remaining: ReadonlyMap<string, number>;
  /** How many objects wait for a finalizer, by its name. */
  readonly finalizers: ReadonlyMap<string, number>;
}

type Told = Pick<NamespaceCondition, 'reason' | 'message'>;

/** The conditions in their order; each tells what is wrong, or undefined. */
const CONDITIONS: readonly {
  readonly type: string;
  readonly good: Told;
  readonly bad: (findings: Findings) => Told | undefined;
}[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    good: { reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    bad: ({ discoveryError: message }) => (message === undefined ? undefined : { reason: 'DiscoveryFailed', message }),
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    good: { reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    bad: () => undefined,
  },
  {
    type: 'NamespaceDeletionContentFailure',
    good: { reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
    bad: ({ contentErrors: errors }) =>
      errors.length === 0
        ? undefined
        : {
            reason: 'ContentDeletionFailed',
            message: `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`,
          },
  },
  {
    type: 'NamespaceContentRemaining',
    good: { reason: 'ContentRemoved', message: 'All content successfully removed' },
    bad: ({ remaining }) =>
      counted(remaining, (what, count) => `${what} has ${count} resource instances`, {
        reason: 'SomeResourcesRemain',
        message: 'Some resources are remaining: ',
      }),
  },
  {
    type: 'NamespaceFinalizersRemaining',
    good: { reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
    bad: ({ finalizers }) =>
      counted(finalizers, (what, count) => `${what} in ${count} resource instances`, {
        reason: 'SomeFinalizersRemain',
        message: 'Some content in the namespace has finalizers remaining: ',
      }),
  },
];

function counted(
  counts: ReadonlyMap<string, number>,
  say: (what: string, count: number) => string,
  { reason, message }: { readonly reason: string; readonly message: string },
): Told | undefined {
  if (counts.size === 0) return undefined;
  return {
    reason,
    message:
      message +
      [...counts]
        .map(([what, count]) => say(what, count))
        .toSorted()
        .join(', '),
  };
}

/**
 * The conditions of a namespace after a round, those of others among them as they were.
 *
 * @param now as the API writes times
 * @returns Undefined if nothing changed
 */
export function conditionsAfter(
  old: readonly NamespaceCondition[],
  findings: Findings,
  now: string,
): NamespaceCondition[] | undefined {
  const conditions = [...old];
  let changed = false;
  for (const { type, good, bad } of CONDITIONS) {
    const wrong = bad(findings);
    const next = { type, status: wrong === undefined ? 'False' : 'True', ...(wrong ?? good) };
    const at = conditions.findIndex((one) => one.type === type);
    const known = conditions[at];
    if (known === undefined) {
      conditions.push({ ...next, lastTransitionTime: now });
    } else if (known.status !== next.status || known.reason !== next.reason || known.message !== next.message) {
      conditions[at] = { ...known, ...next, ...(known.status !== next.status && { lastTransitionTime: now }) };
    } else continue;
    changed = true;
  }
  return changed ? conditions : undefined;
}
