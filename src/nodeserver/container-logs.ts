import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { ServedPod } from './host.ts';
import { HttpError } from './http-error.ts';
import { type LogOptions, LogWriter } from './log-lines.ts';
import { logTarget } from './log-target.ts';
import { readLog } from './read-log.ts';

/** Reads what of a log is asked for. @throws HttpError 400 or 422, in the kubelet's words */
export function logOptions(query: URLSearchParams, now: number): LogOptions & { readonly previous: boolean } {
  const is = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name) ?? '';
    if (text === '') return undefined;
    if (!/^-?\d+$/.test(text)) throw new HttpError(400, '{"message": "Unable to decode query."}');
    if (Number(text) < least) throw new HttpError(422, '{"message": "Invalid request."}');
    return Number(text);
  };
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const seconds = number('sinceSeconds', 1);
  const time = query.get('sinceTime') ?? '';
  if (time !== '' && Number.isNaN(Date.parse(time))) throw new HttpError(400, '{"message": "Unable to decode query."}');
  const since = seconds !== undefined ? now - seconds * 1000 : time === '' ? undefined : Date.parse(time);
  const stream = { Stdout: 'stdout', Stderr: 'stderr' }[query.get('stream') ?? ''] as LogOptions['stream'] | undefined;
  return {
    follow: is('follow'),
    previous: is('previous'),
    timestamps: is('timestamps'),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(since !== undefined && { since }),
    ...(stream !== undefined && { stream }),
  };
}

/** Sends the log of a container; one that is followed until the container ends or the client is gone. @throws HttpError */
export async function sendContainerLog(
  response: ServerResponse,
  pod: ServedPod,
  container: string,
  options: ReturnType<typeof logOptions>,
): Promise<void> {
  const target = logTarget(pod.object, container, options.previous);
  if ('problem' in target) throw new HttpError(400, target.problem);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const until = target.isRunning && options.follow ? pod.running(container)?.exited : undefined;
  const writer = new LogWriter(options);
  const lines = readLog(pod.logPath(container, target.restartCount), {
    signal: gone.signal,
    ...(options.tailLines !== undefined && { tailLines: options.tailLines }),
    ...(until !== undefined && { until }),
  });
  for await (const line of lines) {
    const bytes = writer.write(line);
    if (bytes.length > 0 && !response.write(bytes) && !gone.signal.aborted)
      await once(response, 'drain', { signal: gone.signal }).catch(() => {});
    if (writer.isFull || gone.signal.aborted) break;
  }
  response.end();
}
