import { type Clock, sleep } from 'nekube/client';
import type { LifecycleHandler } from '../pod/container.ts';
import { runCommand } from '../probes/exec-action.ts';
import { askByHttp } from '../probes/http-action.ts';
import type { Outcome } from '../probes/outcome.ts';
import type { Place } from '../probes/place.ts';

/** A hook that asks has so long; nothing else ends one but the end of its container. */
const HTTP_TIMEOUT_MS = 60_000;

/**
 * Does what a hook says.
 *
 * @throws Error that says what went wrong; for a request whatever the status of its answer, only that there was one counts
 */
export async function runHook(hook: LifecycleHandler, place: Place, clock: Clock, signal: AbortSignal): Promise<void> {
  const { exec, httpGet, tcpSocket, sleep: pause } = hook;
  if (exec) {
    const outcome: Outcome = await runCommand(place.beside(exec.command ?? []), undefined);
    if (outcome.result === 'failure') throw new Error(`command failed: ${outcome.output.trim()}`);
  } else if (httpGet) {
    const outcome = await askByHttp(httpGet, place, { userAgent: 'kube-lifecycle/1.36', timeoutMs: HTTP_TIMEOUT_MS });
    const wasAnswered = outcome.result !== 'failure' || outcome.output.startsWith('HTTP probe failed');
    if (!wasAnswered) throw new Error(outcome.output);
  } else if (pause) {
    await sleep(pause.seconds * 1000, clock, signal);
  } else if (tcpSocket) {
    throw new Error('hooks have no TCP');
  }
}
