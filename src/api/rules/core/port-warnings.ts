import { goQuote, type Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { containersWithPath } from './security-profiles.ts';

/** Warnings about ports of a pod that are there twice or nearly so. */
export function portWarnings(spec: Loose, path: Path): string[] {
  const ports = containersWithPath(spec, path).flatMap(({ container, at }) =>
    (container.ports ?? []).map((port: Loose, i: number) => ({ port, at: at.child('ports').index(i) })),
  );
  return [
    ...ports.flatMap(({ port, at }, i) => [...hostIpWarning(port, at), ...overlaps(port, at, ports.slice(0, i))]),
    ...sameNames(ports),
  ];
}

interface PlacedPort {
  readonly port: Loose;
  readonly at: Path;
}

function hostIpWarning({ name = '', hostPort, containerPort, protocol, hostIP }: Loose, at: Path): string[] {
  if (!hostIP || hostPort) return [];
  const shown = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
  return [`${at}: hostIP set without hostPort: ${shown}`];
}

function overlaps(port: Loose, at: Path, earlier: readonly PlacedPort[]): string[] {
  const same = earlier.filter((e) => e.port.containerPort === port.containerPort && e.port.protocol === port.protocol);
  return same.flatMap((other) => {
    const kind = overlapKind(port, other.port);
    return kind ? [`${at}: ${kind} port definition with ${other.at}`] : [];
  });
}

function overlapKind(a: Loose, b: Loose): string | undefined {
  const [hostA, hostB] = [a.hostPort ?? 0, b.hostPort ?? 0];
  if ((a.hostIP ?? '') === (b.hostIP ?? '') && hostA === hostB) return 'duplicate';
  if (hostA === 0 || hostB === 0) return 'overlapping';
  return hostA === hostB && !a.hostIP !== !b.hostIP ? 'dangerously ambiguous' : undefined;
}

function sameNames(ports: readonly PlacedPort[]): string[] {
  const first = new Map<string, Path>();
  return ports.flatMap(({ port: { name }, at }) => {
    const other = name ? first.get(name) : undefined;
    if (name && !other) first.set(name, at);
    if (!other) return [];
    const hint = `services and probes that select ports by name will use ${other}`;
    return [`${at}: duplicate port name ${goQuote(name)} with ${other}, ${hint}`];
  });
}
