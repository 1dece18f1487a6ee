// The rules that kube-proxy 1.36 makes of Services, in the form of iptables-restore and of nft: chains, comments and order as it has them, for
// cluster IPs of TCP, where pods are not among the clients.
import { createHash } from 'node:crypto';

/** Clients outside of it are masqueraded. */
const PODS = '10.244.0.0/16';

/** What `iptables-restore` reads: the table nat, whole. */
export function iptablesRules(services) {
  const chains = [];
  const entries = [];
  const rules = [];
  for (const { name, address, port, endpoints } of services) {
    const chain = chainName('KUBE-SVC-', name);
    const to = `-m tcp -p tcp -d ${address} --dport ${port}`;
    chains.push(chain);
    entries.push(`-A KUBE-SERVICES -m comment --comment "${name} cluster IP" ${to} -j ${chain}`);
    rules.push(`-A ${chain} -m comment --comment "${name} cluster IP" ${to} ! -s ${PODS} -j KUBE-MARK-MASQ`);
    endpoints.forEach((endpoint, i) => {
      const own = chainName('KUBE-SEP-', name + endpoint);
      const left = endpoints.length - i;
      const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)} ` : '';
      const comment = `-m comment --comment "${name}`;
      chains.push(own);
      rules.push(
        `-A ${chain} ${comment} -> ${endpoint}" ${chance}-j ${own}`,
        `-A ${own} ${comment}" -s ${endpoint.split(':')[0]} -j KUBE-MARK-MASQ`,
        `-A ${own} ${comment}" -m tcp -p tcp -j DNAT --to-destination ${endpoint}`,
      );
    });
  }
  const portals = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
  return `${[
    '*nat',
    ...['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ', ...chains].map(
      (one) => `:${one} - [0:0]`,
    ),
    `-A PREROUTING ${portals}`,
    `-A OUTPUT ${portals}`,
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000',
    ...rules,
    ...entries,
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    'COMMIT',
  ].join('\n')}\n`;
}

function chainName(prefix, text) {
  const bytes = createHash('sha256').update(text).digest();
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from({ length: 16 }, (_, i) => letters[bytes[i] & 31]).join('');
}

/** What `nft -f` reads: the table kube-proxy, whole. */
export function nftRules(services) {
  const elements = [];
  const rules = [];
  for (const { name, address, port, endpoints } of services) {
    const chain = `service-${shortName(name)}`;
    const own = endpoints.map((endpoint) => `endpoint-${shortName(name + endpoint)}`);
    endpoints.forEach((endpoint, i) => {
      const pod = endpoint.split(':')[0];
      rules.push(
        `add chain ip kube-proxy ${own[i]}`,
        `add rule ip kube-proxy ${own[i]} ip saddr ${pod} jump mark-for-masquerade`,
        `add rule ip kube-proxy ${own[i]} meta l4proto tcp dnat to ${endpoint}`,
      );
    });
    const choices = own.map((one, i) => `${i} : goto ${one}`).join(' , ');
    rules.push(
      `add chain ip kube-proxy ${chain}`,
      `add rule ip kube-proxy ${chain} ip daddr ${address} tcp dport ${port} ip saddr != ${PODS} jump mark-for-masquerade`,
      `add rule ip kube-proxy ${chain} numgen random mod ${own.length} vmap { ${choices} }`,
    );
    elements.push(
      `add element ip kube-proxy service-ips { ${address} . tcp . ${port} comment "${name}" : goto ${chain} }`,
    );
  }
  return `${[...NFT_BASE, ...rules, ...elements].join('\n')}\n`;
}

function shortName(text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  return `${hash}-${text.replaceAll(/[^A-Za-z0-9]/g, '/')}`.slice(0, 100);
}

const NFT_BASE = [
  'add table ip kube-proxy { comment "rules for kube-proxy" ; }',
  'delete table ip kube-proxy',
  'add table ip kube-proxy { comment "rules for kube-proxy" ; }',
  'add map ip kube-proxy service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }',
  'add map ip kube-proxy service-nodeports { type inet_proto . inet_service : verdict ; }',
  'add chain ip kube-proxy mark-for-masquerade',
  'add rule ip kube-proxy mark-for-masquerade mark set mark or 0x4000',
  'add chain ip kube-proxy masquerading',
  'add rule ip kube-proxy masquerading mark and 0x4000 == 0 return',
  'add rule ip kube-proxy masquerading mark set mark xor 0x4000',
  'add rule ip kube-proxy masquerading masquerade fully-random',
  'add chain ip kube-proxy services',
  'add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips',
  'add rule ip kube-proxy services fib daddr type local meta l4proto . th dport vmap @service-nodeports',
  'add chain ip kube-proxy nat-prerouting { type nat hook prerouting priority dstnat ; }',
  'add rule ip kube-proxy nat-prerouting jump services',
  'add chain ip kube-proxy nat-output { type nat hook output priority -100 ; }',
  'add rule ip kube-proxy nat-output jump services',
  'add chain ip kube-proxy nat-postrouting { type nat hook postrouting priority srcnat ; }',
  'add rule ip kube-proxy nat-postrouting jump masquerading',
];
