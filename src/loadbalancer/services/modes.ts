import type { Condition } from 'nekube/controller';
import type { DatapathOptions } from '../datapath/options.ts';
import { type Family, familyOf, placeText } from '../maps/address.ts';
import { backendsOf } from '../maps/compile.ts';
import type { Frontend } from '../model/config.ts';

/** The condition of a Service that says whether it is balanced by the mode that it asks for. */
export const MODE_CONDITION = 'loadbalancer.nekube.dev/Mode';

/** What tunnels can carry here. */
export interface TunnelAbilities {
  /** The families of which the outer header of IPIP carries a backend's port. */
  readonly carriesPort: readonly Family[];
  /** The families of which this node has an address, for tunnels to come from. Default: both. */
  readonly nodeFamilies?: readonly Family[];
}

/** The abilities of tunnels where nothing is said: the identification of IPv4 carries a port, and nothing of IPv6. */
export const DEFAULT_TUNNELS: TunnelAbilities = { carriesPort: [4] };

/** What a datapath's tunnels can carry, by what its programs are made for. */
export function tunnelAbilities({ nodeAddresses, outer = {} }: DatapathOptions): TunnelAbilities {
  const carries: Readonly<Record<Family, boolean>> = {
    4: outer.id === undefined || outer.id === 'port',
    6: outer.sources?.[6]?.formula === 'spread',
  };
  const families = [4, 6] as const;
  return {
    carriesPort: families.filter((family) => carries[family]),
    nodeFamilies: families.filter((family) => nodeAddresses[family] !== undefined),
  };
}

/** The modes by which frontends are served, and what is said of them. */
export interface ServedModes {
  readonly frontends: readonly Frontend[];
  /** Which frontends have another mode than was asked for, and why, a sentence each. */
  readonly problems: readonly string[];
  /** For the Service's status; undefined for a Service without frontends. */
  readonly condition: ModeCondition | undefined;
}

/** A condition of a Service, without when it came about. */
export type ModeCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

interface Served {
  readonly frontend: Frontend;
  /** Why the mode is another. */
  readonly why?: string;
  /** Its tunnels carry ports, without which it could not be served. */
  readonly carries?: boolean;
}

/**
 * The modes by which frontends are served. One of `dsr-ipip` that has several ports on one address needs its tunnels to carry a port;
 * where they cannot it falls back to `dsr-geneve`, of which an option carries it, and where that has not the nodes' addresses to `snat`. Pure.
 */
export function modesOf(frontends: readonly Frontend[], abilities: TunnelAbilities = DEFAULT_TUNNELS): ServedModes {
  const served = frontends.map((frontend) => servedOf(frontend, abilities));
  const problems = [
    ...new Set(
      served.flatMap(({ frontend, why }) =>
        why === undefined ? [] : [`${placeOf(frontend)} is balanced by ${frontend.mode}: ${why}`],
      ),
    ),
  ];
  return { frontends: served.map(({ frontend }) => frontend), problems, condition: conditionOf(served, problems) };
}

function placeOf({ name, address, port }: Frontend): string {
  return `${name} at ${placeText(address, port)}`;
}

function servedOf(frontend: Frontend, { carriesPort, nodeFamilies = [4, 6] }: TunnelAbilities): Served {
  const family = familyOf(frontend.address);
  if (frontend.mode !== 'dsr-ipip' && frontend.mode !== 'dsr-geneve') return { frontend };
  const elsewhere = backendsOf(frontend).filter(({ isLocal }) => !isLocal);
  const isAmbiguous = elsewhere.some((one) => one.carriesPort);
  if (frontend.mode === 'dsr-ipip' && isAmbiguous) {
    if (carriesPort.includes(family)) return { frontend, carries: true };
    const several = `pods have several ports of it, which the outer header of IPv${family} does not carry here`;
    return lackOfGeneve(elsewhere, nodeFamilies) === undefined
      ? { frontend: { ...frontend, mode: 'dsr-geneve' }, why: several }
      : { frontend: { ...frontend, mode: 'snat' }, why: `${several}, and ${lackOfGeneve(elsewhere, nodeFamilies)}` };
  }
  const lack = frontend.mode === 'dsr-geneve' ? lackOfGeneve(elsewhere, nodeFamilies) : undefined;
  return lack === undefined ? { frontend } : { frontend: { ...frontend, mode: 'snat' }, why: lack };
}

/** Why backends cannot be reached by Geneve; undefined if all can. */
function lackOfGeneve(backends: Frontend['backends'], nodeFamilies: readonly Family[]): string | undefined {
  const lacking = backends.find(
    ({ nodeAddress }) => nodeAddress === undefined || !nodeFamilies.includes(familyOf(nodeAddress)),
  );
  if (lacking === undefined) return undefined;
  const { address, node, nodeAddress } = lacking;
  if (nodeAddress === undefined)
    return `no address is known of ${node === undefined ? 'the node' : `node ${node}`} of ${address}, to which Geneve would go`;
  return `this node has no address of IPv${familyOf(nodeAddress)}, by which Geneve would go to node ${node}`;
}

function conditionOf(served: readonly Served[], problems: readonly string[]): ModeCondition | undefined {
  const modes = [...new Set(served.map(({ frontend }) => frontend.mode))].sort();
  if (modes.length === 0) return undefined;
  const type = MODE_CONDITION;
  if (problems.length > 0)
    return { type, status: 'False', reason: reasonOf(served), message: problems.slice(0, SHOWN).join('; ') };
  const by = `It is balanced by ${modes.join(', ')}`;
  return served.some(({ carries }) => carries)
    ? { type, status: 'True', reason: 'PortCarried', message: `${by}, whose outer header carries the port` }
    : { type, status: 'True', reason: 'AsAsked', message: by };
}

/** A Service with a hundred frontends says it of some. */
const SHOWN = 4;

/** The farthest that one has fallen. */
function reasonOf(served: readonly Served[]): 'FallsBackToSNAT' | 'FallsBackToGeneve' {
  const isSnat = served.some(({ frontend, why }) => why !== undefined && frontend.mode === 'snat');
  return isSnat ? 'FallsBackToSNAT' : 'FallsBackToGeneve';
}
