// Several bootstraps as one, so that one start of Envoy judges them all.

/** One of bootstraps by their names: what is called in one is called otherwise in another, and each listener has a port of its own. */
export function merged(bootstraps) {
  const all = { listeners: [], clusters: [], secrets: [] };
  let port = 1;
  for (const [index, bootstrap] of bootstraps.entries()) {
    const { listeners, clusters, secrets } = bootstrap.static_resources;
    const names = new Set([...listeners, ...clusters, ...secrets].map(({ name }) => name));
    const own = renamed({ listeners, clusters, secrets }, (text) => (names.has(text) ? `${index}/${text}` : text));
    for (const listener of own.listeners) listener.address.socket_address.port_value = port++;
    for (const kind of Object.keys(all)) all[kind].push(...own[kind]);
  }
  return { ...bootstraps[0], static_resources: all };
}

/** A copy with other texts; keys stay, since no names stand there. */
function renamed(value, rename) {
  if (typeof value === 'string') return rename(value);
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, rename)]));
}

/** Those of bootstraps, by names, that are refused, with the words: all are asked together first. */
export async function refusedOf(bootstraps, refuses, size = 60) {
  const refused = [];
  const named = [...bootstraps];
  for (let start = 0; start < named.length; start += size) {
    const some = named.slice(start, start + size);
    const together = await refuses(merged(some.map(([, bootstrap]) => bootstrap)));
    if (together === undefined) continue;
    const alone = [];
    for (const [name, bootstrap] of some) {
      const why = await refuses(bootstrap);
      if (why !== undefined) alone.push(`${name}: ${why}`);
    }
    refused.push(...(alone.length > 0 ? alone : [`${some.map(([name]) => name).join(', ')}: ${together}`]));
  }
  return refused;
}
