import type { KubeObject } from 'nekube/apimachinery';
import { isUnsettled } from 'nekube/gateway';
import { formatTable } from '../table.ts';
import { type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { asData } from './json.ts';
import { lackingOf } from './lacking.ts';
import { objectsOfCluster } from './resources.ts';
import type { StatusFlags } from './status-command.ts';

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

interface Entry {
  readonly name?: string;
  readonly attachedRoutes?: number;
  readonly conditions?: readonly Condition[];
}

interface WithStatus extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly value: string }[];
    readonly listeners?: readonly Entry[];
    readonly parents?: readonly Entry[];
    readonly ancestors?: readonly Entry[];
  };
}

/** Something that is not well. */
interface Complaint {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a listener. */
  readonly part?: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const KINDS = ['GatewayClass', 'Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];
/** What the definition of Gateway says until a controller does. */
const WAITING = 'Waiting for controller';
const POLICIES = ['BackendTLSPolicy', 'ClientPolicy', 'BackendPolicy', 'SecurityPolicy'];

/**
 * Says how gateways and routes are.
 *
 * @throws NegativeFinding when something is not well
 */
export async function gatewayStatus(flags: StatusFlags, io: Io): Promise<void> {
  const { namespace } = flags.allNamespaces ? {} : flags;
  const all = (await objectsOfCluster(flags, io)) as readonly WithStatus[];
  const objects = all.filter(
    ({ metadata }) => namespace === undefined || (metadata.namespace ?? namespace) === namespace,
  );
  const complaints = [...KINDS, ...POLICIES].flatMap((kind) =>
    objects.filter((object) => object.kind === kind).flatMap((object) => complaintsOf(object, kind, all)),
  );
  const gateways = objects.filter(({ kind }) => kind === 'Gateway');
  if (flags.output !== 'text') io.stdout(asData({ complaints, gateways: gateways.map(summaryOf) }, flags.output));
  else io.stdout(`${complaintLines(onceEach(complaints))}${gatewayTable(gateways)}`);
  if (complaints.length > 0) throw new NegativeFinding(`what is not well: ${onceEach(complaints).length}`);
}

/** What a listener says as its Gateway does, or several parents in the same words, is told once. */
function onceEach(complaints: readonly Complaint[]): readonly Complaint[] {
  const shown = ({ kind, namespace, name, type, reason, message }: Complaint, part = ''): string =>
    JSON.stringify([kind, namespace, name, type, reason, message, part]);
  const wholes = new Set(complaints.filter(({ part }) => part === undefined).map((one) => shown(one)));
  const each = complaints.filter((one) => one.part === undefined || !wholes.has(shown(one)));
  return [...new Map(each.map((one) => [shown(one, one.part), one])).values()];
}

function complaintsOf(object: WithStatus, kind: string, all: readonly WithStatus[]): readonly Complaint[] {
  const { status, metadata } = object;
  const of = { kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  const entries = [...(status?.listeners ?? []), ...(status?.parents ?? []), ...(status?.ancestors ?? [])];
  const told = [
    ...bad(status?.conditions).map((condition) => ({ ...of, ...words(condition) })),
    ...entries.flatMap(({ name, conditions }) =>
      bad(conditions).map((condition) => ({ ...of, ...(name !== undefined && { part: name }), ...words(condition) })),
    ),
  ];
  const isPolicy = POLICIES.includes(kind);
  const lacking = isPolicy || kind === 'GatewayClass' ? undefined : lackingOf(object, all);
  if (lacking !== undefined && entries.length === 0 && told.every(({ message }) => message === WAITING)) {
    return [{ ...of, type: 'Accepted', reason: 'NoStatus', message: lacking }];
  }
  if (entries.length === 0 && (status?.conditions ?? []).length === 0 && !isPolicy) {
    const message =
      kind === 'GatewayClass'
        ? 'no controller has taken it'
        : 'no controller has looked at it: is one running, as nekube gateway run?';
    return [{ ...of, type: 'Accepted', reason: 'NoStatus', message }];
  }
  const conditions = [...(status?.conditions ?? []), ...entries.flatMap((entry) => entry.conditions ?? [])];
  const generation = metadata.generation ?? 0;
  if (conditions.some(({ observedGeneration = generation }) => observedGeneration < generation)) {
    return [
      ...told,
      { ...of, type: 'Accepted', reason: 'Stale', message: 'no controller has looked at it since it changed' },
    ];
  }
  return told;
}

function bad(conditions: readonly Condition[] = []): readonly Condition[] {
  return conditions.filter(isUnsettled);
}

function words({ type, reason = '', message = '' }: Condition): Pick<Complaint, 'type' | 'reason' | 'message'> {
  return { type, reason, message };
}

function complaintLines(complaints: readonly Complaint[]): string {
  if (complaints.length === 0) return '';
  const lines = complaints.map(({ kind, namespace, name, part, type, reason, message }) => {
    const where = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}${part === undefined ? '' : ` ${part}`}`;
    return printable(`${where}: ${type === reason ? type : `${type}, ${reason}`}: ${message}`);
  });
  return `Not well:\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}

function summaryOf({ metadata, status }: WithStatus): Record<string, string> {
  const programmed = status?.conditions?.find(({ type }) => type === 'Programmed')?.status ?? 'Unknown';
  const listeners = status?.listeners ?? [];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    programmed,
    addresses: status?.addresses?.map(({ value }) => value).join(',') || '<none>',
    listeners: listeners.map(({ name }) => name).join(',') || '<none>',
    routes: String(listeners.reduce((sum, { attachedRoutes = 0 }) => sum + attachedRoutes, 0)),
  };
}

function gatewayTable(gateways: readonly WithStatus[]): string {
  if (gateways.length === 0) return 'There is no Gateway\n';
  const header = ['NAMESPACE', 'NAME', 'PROGRAMMED', 'ADDRESSES', 'LISTENERS', 'ROUTES'];
  return formatTable([header, ...gateways.map((gateway) => Object.values(summaryOf(gateway)))], { right: [5] });
}
