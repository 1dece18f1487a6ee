import type { KubeObject } from 'nekube/apimachinery';
import type { NewEvent, ObjectContext } from 'nekube/controller';

/** Who is told what the newsroom does. */
export interface NewsOptions {
  /** What was done to an object, or could not be; absent: only its events tell it. */
  readonly tell?: (object: KubeObject, event: NewEvent) => void;
}

/** Tells what was done to the object that is reconciled, as an event of it and to whoever runs the newsroom. */
export function tellNews<T extends KubeObject>(
  { object, record }: ObjectContext<T>,
  { tell }: NewsOptions,
  event: NewEvent,
): void {
  record(event);
  if (object !== undefined) tell?.(object, event);
}
