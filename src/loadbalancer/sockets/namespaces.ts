import { readdirSync, readlinkSync } from 'node:fs';

/** The network namespaces of all processes that this one sees, each by the file of one of its processes. */
export function networkNamespaces(): readonly string[] {
  const found = new Map<string, string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const file = `/proc/${pid}/ns/net`;
    const namespace = linkOf(file);
    if (namespace !== undefined && !found.has(namespace)) found.set(namespace, file);
  }
  return [...found.values()];
}

/** Undefined for a process that has ended by now, or is none of ours to look at. */
function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
