import type { Writable } from 'node:stream';
import type { RequestContext } from '../context.ts';
import { methodNotAllowed } from '../errors.ts';
import { writeHead } from '../respond.ts';
import { type LiveAudit, lineFor } from './live.ts';

/** A follower that lets this much lie unread is cut off, as a watch is. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Answers with audit events until the client goes away or the server closes; of one user with `?user=NAME`.
 *
 * @throws StatusError MethodNotAllowed
 */
export async function sendLiveAudit(context: RequestContext, live: LiveAudit): Promise<void> {
  const { response, life, method, query } = context;
  if (method !== 'GET') throw methodNotAllowed();
  const user = query.get('user') ?? '';
  writeHead(context, 200, { 'content-type': 'application/json;stream=audit' });
  if ('flushHeaders' in response) response.flushHeaders();
  await new Promise<void>((resolve) => {
    let unfollow = (): void => {};
    const end = (): void => {
      unfollow();
      life.signal.removeEventListener('abort', end);
      if (!response.destroyed) response.end();
      resolve();
    };
    unfollow = live.follow((event) => {
      const line = lineFor(event, user);
      if (line !== '') (response as unknown as Writable).write(line);
      if (response.writableLength > MAX_UNREAD_BYTES) end();
    });
    response.on('close', end);
    life.signal.addEventListener('abort', end, { once: true });
  });
}
