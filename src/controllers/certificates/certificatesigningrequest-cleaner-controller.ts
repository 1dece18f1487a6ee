import { isStatusError } from 'nekube/apimachinery';
import { sleep } from 'nekube/client';
import type { BuiltinController } from '../builtin-controller.ts';
import { CERTIFICATE_REQUEST } from './request.ts';
import { whyOld } from './old.ts';

const PERIOD_MS = 3_600_000;

/** Deletes requests for certificates that are of no use any more, once an hour. */
export const certificateCleanerController: BuiltinController = {
  name: 'certificatesigningrequest-cleaner-controller',
  setUp({ manager, client, clock }) {
    const informer = manager.cache.informer(CERTIFICATE_REQUEST);
    const log = manager.logger.with({ controller: this.name });
    manager.add({
      name: this.name,
      async start(signal) {
        await informer.synced(signal).catch(() => {});
        while (!signal.aborted) {
          for (const request of informer.store.list()) {
            const name = request.metadata.name!;
            const why = whyOld(request, clock.now());
            if (why === undefined) continue;
            log.info('A request for a certificate is deleted', { name, why });
            await client.delete(CERTIFICATE_REQUEST, { name }, { signal }).catch((error: unknown) => {
              if (!isStatusError(error, 'NotFound')) log.warn('Cannot delete a request', { name, error });
            });
          }
          await sleep(PERIOD_MS, clock, signal).catch(() => {});
        }
      },
    });
  },
};
