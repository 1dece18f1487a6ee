import type { AttachRequest, PodNames } from '../pod-network.ts';

/** Who answers for names in the cluster. */
export interface ClusterDomain {
  readonly domain: string;
  /** The addresses of its servers; none: pods ask whom the machine asks. */
  readonly servers: readonly string[];
}

/** The names that a pod has for itself, as a kubelet gives them. */
export function hostnameOf(
  { name, namespace, spec = {} }: AttachRequest,
  domain: string,
): {
  readonly hostname: string;
  readonly fqdn?: string;
} {
  const hostname = spec.hostname || name.slice(0, 63).replace(/[-.]+$/, '');
  if (!spec.subdomain) return { hostname };
  return { hostname, fqdn: `${hostname}.${spec.subdomain}.${namespace}.svc.${domain}` };
}

/** A pod's /etc/hosts, as a kubelet writes it. */
export function hostsFile(pod: AttachRequest, ips: readonly string[], domain: string): string {
  const { hostname, fqdn } = hostnameOf(pod, domain);
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...ips.map((ip) => [ip, ...(fqdn === undefined ? [] : [fqdn]), hostname].join('\t')),
  ];
  const aliases = pod.spec?.hostAliases ?? [];
  if (aliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.');
    lines.push(...aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t')));
  }
  return `${lines.join('\n')}\n`;
}

/** What stands in a resolv.conf. */
interface Resolv {
  nameservers: readonly string[];
  searches: readonly string[];
  options: readonly string[];
}

/** A pod's /etc/resolv.conf by its policy, as a kubelet writes it; `host` is the machine's own. */
export function resolvFile(pod: AttachRequest, cluster: ClusterDomain, host: string): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {} } = pod.spec ?? {};
  const base = baseOf(dnsPolicy, { pod, cluster, host: parseResolv(host) });
  const { nameservers, searches, options } = withConfig(base, dnsConfig);
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');
}

function baseOf(
  policy: string,
  { pod, cluster, host }: { readonly pod: AttachRequest; readonly cluster: ClusterDomain; readonly host: Resolv },
): Resolv {
  if (policy === 'None') return { nameservers: [], searches: [], options: [] };
  const isCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.hostNetwork);
  if (!isCluster || cluster.servers.length === 0) return host;
  const { domain } = cluster;
  const searches = [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches];
  return { nameservers: cluster.servers, searches: unique(searches), options: ['ndots:5'] };
}

/** What the pod says comes behind, and its options instead. */
function withConfig(
  base: Resolv,
  { nameservers = [], searches = [], options = [] }: NonNullable<PodNames['dnsConfig']>,
): Resolv {
  const byName = new Map(base.options.map((option) => [option.split(':')[0]!, option]));
  for (const { name, value } of options) {
    if (name !== undefined) byName.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  }
  return {
    nameservers: unique([...base.nameservers, ...nameservers]),
    searches: unique([...base.searches, ...searches]),
    options: [...byName.values()],
  };
}

function parseResolv(text: string): Resolv {
  const words = text.split('\n').map((line) =>
    line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/),
  );
  const last = (name: string): readonly string[] =>
    words
      .filter(([first]) => first === name)
      .at(-1)
      ?.slice(1) ?? [];
  return {
    nameservers: words.flatMap(([first, server]) => (first === 'nameserver' && server !== undefined ? [server] : [])),
    searches: last('search'),
    options: words.flatMap(([first, ...rest]) => (first === 'options' ? rest : [])),
  };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
