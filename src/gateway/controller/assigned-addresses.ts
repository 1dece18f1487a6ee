import { isIP } from 'node:net';
import { type Addresses, isReachable, type RoutedAddresses, routeAddresses } from '../addresses/index.ts';
import type { Gateway, Service } from '../translate/index.ts';
import type { AssignedAddresses } from '../statuses/index.ts';
import { no, type Verdict, yes } from '../statuses/index.ts';
import { serviceOf } from './gateway-service.ts';

/** What addresses of gateways are told from. */
export interface AddressWorld {
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly services: ReadonlyMap<string, Service>;
  readonly addresses: Addresses;
  readonly supportedFeatures: readonly string[];
}

/** The addresses of each Gateway as its status tells them. */
export function assignedAddresses(world: AddressWorld): ReadonlyMap<string, AssignedAddresses> {
  const told = new Map<string, AssignedAddresses>();
  const tellsRoutability = world.supportedFeatures.includes('GatewayAddressRoutability');
  for (const [key, given] of world.addresses.given) {
    if (tellsRoutability) told.set(key, assignedTo(key, world));
    else {
      const addresses = given.addresses.map((value) => ({ type: typeOf(value), value }));
      told.set(key, { addresses, ...(given.problem && { problem: given.problem }) });
    }
  }
  return told;
}

function assignedTo(key: string, { gateways, services, addresses }: AddressWorld): AssignedAddresses {
  const given = addresses.given.get(key)!;
  const gateway = gateways.get(key);
  const service = serviceOf(gateway, { services });
  const routed = routeAddresses(gateway?.spec?.addresses ?? [], given, {
    clusterIps: clusterIpsOf(service),
    leadsHere: addresses.exposure !== undefined || given.addresses.some(isReachable),
  });
  const problem = given.problem ?? noneProblem(routed);
  const told = routed.addresses.map((each) => ({ ...each, type: typeOf(each.value) }));
  return { addresses: told, assigned: verdictOf(routed), ...(problem && { problem }) };
}

/** Load balancers may have names. */
function typeOf(value: string): string {
  return isIP(value) === 0 ? 'Hostname' : 'IPAddress';
}

function clusterIpsOf(service: Service | undefined): readonly string[] {
  const { clusterIP, clusterIPs } = service?.spec ?? {};
  const all = clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
  return all.filter((address) => address !== '' && address !== 'None');
}

function noneProblem({ addresses, missing }: RoutedAddresses): AssignedAddresses['problem'] {
  if (addresses.length > 0 || missing.length === 0) return undefined;
  return { reason: 'AddressNotAssigned', message: missing.join('; ') };
}

/** What is told of the assignment, beside of whether it is served. */
function verdictOf({ addresses, missing, asked }: RoutedAddresses): Verdict {
  if (missing.length === 0) return yes('AddressesAssigned', 'it has all addresses');
  const isSome = addresses.length > 0 && (asked === 0 || missing.length < asked);
  return no(isSome ? 'PartiallyAssigned' : 'NotAssigned', missing.join('; '));
}
