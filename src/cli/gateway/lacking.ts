import type { KubeObject } from 'nekube/apimachinery';

interface ParentRef {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

interface WithParents extends KubeObject {
  readonly spec?: {
    readonly gatewayClassName?: string;
    readonly parentRefs?: readonly ParentRef[];
    readonly parentRef?: ParentRef;
  };
}

const PARENT_KINDS = ['Gateway', 'ListenerSet'];

/**
 * The class or the parent of an object that does not exist among all of a cluster, and what to do: why no controller looks at it.
 * Undefined where nothing is lacking.
 */
export function lackingOf(object: KubeObject, all: readonly KubeObject[]): string | undefined {
  const { kind, metadata, spec } = object as WithParents;
  if (kind === 'Gateway') return lackingClass(spec?.gatewayClassName ?? '', all);
  const refs = spec?.parentRefs ?? (spec?.parentRef === undefined ? [] : [spec.parentRef]);
  const parents = refs.map((ref) => ({
    kind: ref.kind ?? 'Gateway',
    namespace: ref.namespace ?? metadata.namespace ?? '',
    name: ref.name ?? '',
  }));
  const gone = parents.find((one) => PARENT_KINDS.includes(one.kind) && !all.some((other) => isNamed(other, one)));
  return gone && `${gone.kind} ${gone.namespace}/${gone.name} does not exist: create it, or name another`;
}

function lackingClass(name: string, all: readonly KubeObject[]): string | undefined {
  const classes = all.filter(({ kind }) => kind === 'GatewayClass').map(({ metadata }) => metadata.name ?? '');
  if (classes.includes(name)) return undefined;
  const fix = classes.length === 0 ? 'there is none: nekube gateway install' : `name another: ${classes.join(', ')}`;
  return `GatewayClass ${name} does not exist: ${fix}`;
}

function isNamed({ kind, metadata }: KubeObject, of: Required<ParentRef>): boolean {
  return kind === of.kind && metadata.name === of.name && metadata.namespace === of.namespace;
}
