import { type Disk, diskBelow } from '../disk.ts';
import { publishIssue, type PublishOptions } from '../publish.ts';

/** The disk of this machine, with a step before each of the operations that change something, and another behind it. */
export function stepping(step: () => void): (folder: string) => Disk {
  const around =
    <A extends unknown[], R>(operation: (...args: A) => R) =>
    (...args: A): R => {
      step();
      const result = operation(...args);
      step();
      return result;
    };
  return (folder) => {
    const disk = diskBelow(folder);
    return {
      read: disk.read,
      write: around(disk.write),
      move: around(disk.move),
      claim: around(disk.claim),
      remove: around(disk.remove),
    };
  };
}

// as a program: publishes, and is killed at a step
const [, program, at, request] = process.argv;
if (program?.endsWith('killed-publisher.js') && request !== undefined) {
  const { issue, options } = JSON.parse(request) as {
    issue: Parameters<typeof publishIssue>[0];
    options: PublishOptions;
  };
  let steps = 0;
  const kill = (): void => {
    if (steps++ === Number(at)) process.kill(process.pid, 'SIGKILL');
  };
  await publishIssue(issue, { ...options, disk: stepping(kill) });
}
