import { BlockList, isIP } from 'node:net';

/** Networks that are remembered: those of a model that is gone would stay for ever. */
const MOST_LISTS = 10_000;
const lists = new Map<string, BlockList>();

/** Whether an address is in a network, as in `10.0.0.0/8`. */
export function inNetwork(cidr: string, address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return listOf(cidr).check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function listOf(cidr: string): BlockList {
  const known = lists.get(cidr);
  if (known !== undefined) return known;
  const list = new BlockList();
  const [network = '', bits] = cidr.split('/');
  const family = isIP(network);
  if (family !== 0) {
    list.addSubnet(network, Number(bits ?? (family === 6 ? 128 : 32)), family === 6 ? 'ipv6' : 'ipv4');
  }
  if (lists.size >= MOST_LISTS) lists.clear();
  lists.set(cidr, list);
  return list;
}
