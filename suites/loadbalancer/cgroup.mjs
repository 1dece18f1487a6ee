// A cgroup of a test's own, and processes that begin in it.
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernel } from 'nekube/bpf';

let made = 0;

/** Why there can be none; false if there can. */
export function whyNoCgroup() {
  try {
    new TestCgroup().remove();
    return false;
  } catch (error) {
    return `there can be no cgroup v2: ${error.message}`;
  }
}

/** A cgroup v2 below that of all; it must be empty when it is removed. */
export class TestCgroup {
  #root;
  folder;

  constructor() {
    // where there is none it would be gone again when it was used
    this.#root = kernel.withCgroupRoot((folder) => folder);
    this.folder = join(this.#root, `nekube-lb-${process.pid}-${made++}`);
    mkdirSync(this.folder);
  }

  /** What `work` starts before it first waits begins in the cgroup. */
  begin(work) {
    writeFileSync(join(this.folder, 'cgroup.procs'), `${process.pid}`);
    try {
      return work();
    } finally {
      writeFileSync(join(this.#root, 'cgroup.procs'), `${process.pid}`);
    }
  }

  remove() {
    rmdirSync(this.folder);
  }
}
