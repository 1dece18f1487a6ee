import type { Transport } from 'nekube/client';

/** A transport that is opened with its first request. */
export function lazyTransport(url: string, open: () => Promise<Transport>): Transport {
  let opened: Promise<Transport> | undefined;
  let closed = false;
  return {
    url,
    async send(request) {
      if (closed) throw new Error('the transport is closed');
      return (await (opened ??= open())).send(request);
    },
    async close() {
      closed = true;
      // one that could not be opened has told so to who asked for it
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
