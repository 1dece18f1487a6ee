import type { PodPort } from '../pod-network.ts';

/** How processes are told of ports that are elsewhere than their number says: by number, by name, by their own variable. */
export function portVariables(ports: readonly PodPort[], placeOf: (port: PodPort) => number): Record<string, string> {
  return Object.fromEntries(
    ports.flatMap((port) => {
      const { containerPort, name, variable } = port;
      const byName = name === undefined ? [] : [`NEKUBE_PORT_${name.toUpperCase().replaceAll('-', '_')}`];
      const names = [`NEKUBE_PORT_${containerPort}`, ...byName, ...(variable === undefined ? [] : [variable])];
      return names.map((key) => [key, String(placeOf(port))]);
    }),
  );
}
