// A network namespace with one device by which all is routed, to a next hop that is known.
import { execFileSync } from 'node:child_process';
import { kernel } from 'nekube/bpf';

let made = 0;

/** The namespace, until it is closed. */
export class BenchDevice {
  name = `nk${process.pid}-bench${made++}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.name]);
    try {
      this.#ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
      this.#ip('address', 'add', '10.77.0.1/24', 'dev', 'v0');
      for (const device of ['lo', 'v0', 'v1']) this.#ip('link', 'set', device, 'up');
      this.#ip('neigh', 'add', '10.77.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'v0');
      this.#ip('route', 'add', 'default', 'via', '10.77.0.2');
      for (const setting of ['net.ipv4.ip_forward=1', 'net.ipv4.conf.v0.forwarding=1'])
        execFileSync('ip', ['netns', 'exec', this.name, 'sysctl', '-qw', setting]);
    } catch (error) {
      this.close();
      throw error;
    }
    this.index = kernel.inNamespace(this.file, () => kernel.deviceIndex('v0'));
  }

  get file() {
    return `/run/netns/${this.name}`;
  }

  close() {
    execFileSync('ip', ['netns', 'delete', this.name]);
  }

  #ip(...args) {
    execFileSync('ip', ['-n', this.name, ...args]);
  }
}
