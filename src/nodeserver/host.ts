import type { Writable } from 'node:stream';
import type { KubeObject } from 'nekube/apimachinery';

/** What a server of a node asks about its pods. */
export interface NodeHost {
  readonly nodeName: string;
  /** The node's pods, with the status that the node last made. */
  pods(): readonly KubeObject[];
  /** Undefined for a pod that is not here. */
  pod(namespace: string, name: string): ServedPod | undefined;
}

/** A pod of the node. */
export interface ServedPod {
  /** With the status that the node last made. */
  readonly object: KubeObject;
  /** The file with what one run of a container said, in the format of the CRI; rotated ones beside it, with `.TIME` behind. */
  logPath(container: string, restartCount: number): string;
  /** The container's newest run, while it runs. */
  running(container: string): ServedContainer | undefined;
  /** Where this process reaches a TCP port of the pod. */
  dial(port: number): Promise<{ readonly host: string; readonly port: number }>;
}

/** A container that runs. */
export interface ServedContainer {
  /** Of its first process, which leads a session; absent where there is none. */
  readonly pid?: number;
  /** How a command is run beside it: in the pod's network, with the container's variables and folder. */
  command(argv: readonly string[]): Promise<CommandLine>;
  /** Where it takes input; absent if it takes none. */
  readonly stdin?: Writable;
  /** Resolves when it has ended. */
  readonly exited: Promise<unknown>;
}

/** A program to be started. */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}
