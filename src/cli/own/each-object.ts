import type { KubeObject } from 'nekube/apimachinery';
import { idOf, readOwnership, showObject } from 'nekube/ownership';
import type { Io } from '../io.ts';
import { printable } from '../printable.ts';

/** `Deployment.apps shop/web`, as it may be shown. */
export function titleOf(object: KubeObject): string {
  const { name, ...id } = idOf(object);
  return printable(showObject({ ...id, name: name === '' ? '(without a name)' : name }));
}

/** Tells on stderr what of an object's managedFields could not be read, and if there are none. */
export function tellProblems(object: KubeObject, problems: readonly string[], io: Io): void {
  for (const problem of problems) io.stderr(`Warning: ${titleOf(object)}: ${printable(problem)}\n`);
  const { managedFields } = object.metadata;
  if ((managedFields !== undefined && managedFields !== null) || problems.length > 0) return;
  io.stderr(`Warning: ${titleOf(object)} has no managedFields, so that nobody is known to own anything\n`);
}

/** Who owns what of each object; what could not be read is told. */
export async function* ownershipsOf(objects: AsyncIterable<KubeObject>, io: Io) {
  for await (const object of objects) {
    const { owners, problems } = readOwnership(object);
    tellProblems(object, problems, io);
    yield { object, owners };
  }
}
