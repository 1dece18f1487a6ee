import { matching } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { type Volume, VOLUME } from '../volumes/volume.ts';
import { needsLook, withFinalizer } from './protection.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

/** Keeps volumes that are deleted while they are bound until they are not. */
export const persistentVolumeProtectionController: BuiltinController = {
  name: 'persistentvolume-protection-controller',
  setUp({ manager, client }) {
    const isLookedAt = matching((volume) => needsLook(volume, FINALIZER));
    manager
      .controller(this.name)
      .for(VOLUME, { predicates: [isLookedAt] })
      .reconcile(async (_key, { object, signal }) => {
        if (object === undefined || !needsLook(object, FINALIZER)) return;
        const isGoing = object.metadata.deletionTimestamp !== undefined;
        if (isGoing && object.status?.phase === 'Bound') return;
        await client.update<Volume>({ ...VOLUME, ...withFinalizer(object, FINALIZER, !isGoing) }, { signal });
      });
  },
};
