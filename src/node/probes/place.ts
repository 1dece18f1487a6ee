import type { CommandLine } from 'nekube/nodeserver';
import type { Container } from '../pod/container.ts';

/** Where a container is reached by what looks at it. */
export interface Place {
  /** The pod's address, for messages and for who is asked. */
  readonly ip: string;
  /** Where this process reaches a port of the pod. */
  dial(port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** A port by its number or name. @throws RangeError if no port has that name */
  portOf(port: number | string): number;
  /** How a command is run beside the container. @throws Error if there is no such program, or the container is no process */
  beside(argv: readonly string[]): CommandLine;
}

/** A port of a container, by its number, or by the name that it has among the container's ports. @throws RangeError */
export function portOf({ ports = [] }: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = ports.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new RangeError(`couldn't find port: ${port}`);
}
