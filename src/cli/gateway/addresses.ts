import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  type AddressBook,
  BalancedAddresses,
  canListenOn,
  OwnAddresses,
  parseAddressRange,
  SharedAddresses,
} from 'nekube/gateway';
import { CliError, messageOf } from '../io.ts';

/** Of the addresses of nodes, which are this machine's own where `nekube up` runs nodes, those before load balancers'. */
const OF_CLUSTER = '10.239.254.0/24';
/** Of this machine's own, on Linux: all of 127.0.0.0/8 is. */
const OF_LOOPBACK = '127.0.2.0/24';

/** Reads `--addresses`. @throws CliError it is nothing of that, or not of this machine */
export async function addressBookOf(flag: string, loadBalancerClass?: string): Promise<AddressBook> {
  const [way, own] = flag.split(':');
  if (way === 'service') return balancedAddresses(own, loadBalancerClass);
  if (loadBalancerClass !== undefined) {
    throw new CliError('--load-balancer-class is about Services', { hint: 'add --addresses service' });
  }
  if (flag === 'host') return new SharedAddresses(machineAddresses());
  if (flag !== 'auto') return new OwnAddresses(await checkedRange(flag));
  for (const range of [OF_CLUSTER, OF_LOOPBACK].map(parseAddressRange)) {
    if (await canListenOn(range.text.replace(/0\/24$/, '1'))) return new OwnAddresses(range);
  }
  return new SharedAddresses(machineAddresses());
}

function balancedAddresses(own: string | undefined, loadBalancerClass: string | undefined): AddressBook {
  const address = own ?? machineAddresses()[0]!;
  if (!isIPv4(address) || address.startsWith('127.')) {
    throw new CliError(`Cannot use --addresses: load balancers do not reach ${address}`, {
      hint: 'name an IPv4 address of this machine, or pod, which they do: --addresses service:ADDRESS',
    });
  }
  return new BalancedAddresses({ address, ...(loadBalancerClass !== undefined && { loadBalancerClass }) });
}

async function checkedRange(text: string): Promise<ReturnType<typeof parseAddressRange>> {
  try {
    return parseAddressRange(text);
  } catch (cause) {
    throw new CliError(`Cannot use --addresses: ${messageOf(cause)}`, {
      hint: 'name a range of addresses of this machine, host, service, or auto',
      cause,
    });
  }
}

/** By which others reach this machine; the loopback one where there is no other. */
function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  return outer.length > 0 ? outer.slice(0, 1) : ['127.0.0.1'];
}
