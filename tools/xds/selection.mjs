// What of Envoy's API nekube carries: all that these packages declare, and what is reachable from it.

/** Packages by what their names begin with; only those of version 3 of Envoy's API. */
const WANTED = [
  'envoy.admin.',
  'envoy.config.',
  'envoy.data.accesslog.',
  'envoy.data.core.',
  'envoy.extensions.',
  'envoy.service.',
  'envoy.type.',
  'udpa.type.',
  'xds.type.',
];

/** Protocols and clouds that no gateway of ours speaks, and what is for building filters of one's own. */
const UNWANTED = [
  'envoy.config.cluster.redis',
  'envoy.config.filter',
  'envoy.config.retry.previous_priorities',
  'envoy.config.tap',
  'envoy.extensions.bootstrap.reverse_tunnel',
  'envoy.extensions.clusters.redis',
  'envoy.extensions.clusters.reverse_connection',
  'envoy.extensions.common.aws',
  'envoy.extensions.common.tap',
  'envoy.extensions.filters.http.aws',
  'envoy.extensions.filters.http.cache_v2',
  'envoy.extensions.filters.http.dynamo',
  'envoy.extensions.filters.http.file_system_buffer',
  'envoy.extensions.filters.http.gcp_authn',
  'envoy.extensions.filters.http.grpc_field_extraction',
  'envoy.extensions.filters.http.gzip.',
  'envoy.extensions.filters.http.mcp',
  'envoy.extensions.filters.http.proto_',
  'envoy.extensions.filters.http.tap',
  'envoy.extensions.filters.http.thrift_to_metadata',
  'envoy.extensions.filters.network.dubbo_proxy',
  'envoy.extensions.filters.network.ext_proc',
  'envoy.extensions.filters.network.generic_proxy',
  'envoy.extensions.filters.network.mongo_proxy',
  'envoy.extensions.filters.network.redis_proxy',
  'envoy.extensions.filters.network.reverse_tunnel',
  'envoy.extensions.filters.network.thrift_proxy',
  'envoy.extensions.filters.network.zookeeper_proxy',
  'envoy.extensions.health_checkers.',
  'envoy.extensions.http.cache_v2',
  'envoy.extensions.http.ext_proc.',
  'envoy.extensions.network.dns_resolver.apple',
  'envoy.extensions.transport_sockets.alts',
  'envoy.extensions.transport_sockets.s2a',
  'envoy.extensions.transport_sockets.tap',
  'envoy.service.event_reporting',
  'envoy.service.network_ext_proc',
  'envoy.service.redis_auth',
  'envoy.service.tap',
  'envoy.service.trace',
];

/** Messages that have a JSON form of their own, which the codec knows. */
const KNOWN = 'google.protobuf.';

/** The messages and enums to carry, sorted by name: `{messages, enums}`, and the entries of maps by name. */
export function select(files) {
  const messages = new Map(files.flatMap((file) => file.messages).map((message) => [message.name, message]));
  const enums = new Map(files.flatMap((file) => file.enums).map((one) => [one.name, one]));
  const chosen = new Map();
  const visit = (name) => {
    if (name.startsWith(KNOWN) || chosen.has(name)) return;
    const found = messages.get(name) ?? enums.get(name);
    if (found === undefined) throw new Error(`${name} is not declared`);
    chosen.set(name, found);
    for (const { type } of found.fields ?? []) if (type.includes('.')) visit(type);
  };
  for (const { name, package: packageName } of messages.values()) if (isWanted(packageName)) visit(name);
  const sorted = [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    messages: sorted.filter((one) => one.fields !== undefined && !one.isMapEntry),
    enums: sorted.filter((one) => one.values !== undefined),
    mapEntries: new Map(sorted.filter((one) => one.isMapEntry).map((one) => [one.name, one])),
  };
}

function isWanted(packageName) {
  if (!packageName.endsWith('.v3') && packageName !== 'udpa.type.v1') return false;
  const dotted = `${packageName}.`;
  return WANTED.some((begin) => dotted.startsWith(begin)) && !UNWANTED.some((begin) => dotted.startsWith(begin));
}
