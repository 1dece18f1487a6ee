import { execFileSync } from 'node:child_process';

let made = 0;

/** A network namespace of a test's own, with a pair of devices `v0` and `v1`; removed at the end with all in it. */
export class TestNamespace {
  readonly name: string;

  constructor() {
    this.name = `nekube-bpf-${process.pid}-${++made}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    try {
      this.#connect();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  #connect(): void {
    this.ip('link', 'set', 'lo', 'up');
    this.ip('link', 'add', 'name', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    this.ip('addr', 'add', '10.77.0.1/24', 'dev', 'v0');
    for (const device of ['v0', 'v1']) this.ip('link', 'set', device, 'up');
    // who is asked for is known, so that a ping goes out without a question
    this.ip('neigh', 'add', '10.77.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'v0');
  }

  /** The file by which the namespace is entered. */
  get file(): string {
    return `/run/netns/${this.name}`;
  }

  ip(...args: readonly string[]): void {
    execFileSync('ip', ['-n', this.name, ...args]);
  }

  /** Runs a command there; gives whether it succeeded. */
  run(command: string, ...args: readonly string[]): boolean {
    try {
      execFileSync('ip', ['netns', 'exec', this.name, command, ...args], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  remove(): void {
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}

/** Why there can be no network namespaces here; undefined where there can. */
export function whyNoNamespace(): string | undefined {
  try {
    new TestNamespace().remove();
    return undefined;
  } catch (error) {
    return `there can be no network namespaces: ${(error as Error).message.split('\n')[0]}`;
  }
}
