import { BlockList, isIP } from 'node:net';

/** Networks that are nobody's on the internet: this machine, private and local ones, those for examples, multicast, reserved. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
];

/** Where an IPv4 address stands within IPv6 ones of a network, in 16-bit groups: mapped, translated (NAT64), and 6to4. */
const EMBEDDING: readonly (readonly [RegExp, number])[] = [
  [/^0:0:0:0:0:ffff:/, 6],
  [/^0:0:0:0:ffff:0:/, 6],
  [/^64:ff9b:0:0:0:0:/, 6],
  [/^2002:/, 1],
];

/** Decides which addresses may be connected with. */
export class AddressGuard {
  readonly #refused = blockListOf(NOT_PUBLIC);
  readonly #allowed: BlockList;

  /** `allowedNetworks` are networks as `10.1.0.0/16`, which may be connected with although they are not public. */
  constructor(allowedNetworks: readonly string[] = []) {
    this.#allowed = blockListOf(allowedNetworks);
  }

  /** Whether an address may be connected with. An IPv6 address that stands for an IPv4 one is judged as that. */
  allows(address: string): boolean {
    const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
    const version = isIP(plain);
    if (version === 0) return false;
    const inner = version === 6 ? embeddedIpv4(plain) : undefined;
    if (inner !== undefined) return this.allows(inner);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    return this.#allowed.check(plain, family) || !this.#refused.check(plain, family);
  }
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const version = isIP(address);
    if (version === 0) throw new RangeError(`Invalid network ${JSON.stringify(network)}: it must be as 10.1.0.0/16`);
    list.addSubnet(
      address,
      prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix),
      version === 4 ? 'ipv4' : 'ipv6',
    );
  }
  return list;
}

/** The IPv4 address that an IPv6 one stands for. */
function embeddedIpv4(address: string): string | undefined {
  const groups = groupsOf(address);
  const text = groups.map((group) => group.toString(16)).join(':');
  const at = EMBEDDING.find(([network]) => network.test(text))?.[1];
  if (at === undefined) return undefined;
  const [high, low] = [groups[at]!, groups[at + 1]!];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) => {
    return `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
