import { errorText } from 'nekube/apimachinery';
import type { RequestContext } from './context.ts';
import { sendPageNotFound, sendText } from './respond.ts';

/** A check by name; it throws, with a reason, while something is wrong. */
export interface HealthCheck {
  readonly name: string;
  check(): void | Promise<void>;
}

const ENDPOINTS = ['healthz', 'livez', 'readyz'];

/**
 * Serves `/healthz`, `/livez` and `/readyz`: all checks, or a single one by its path; `?verbose` lists them,
 * `?exclude=NAME` leaves some out.
 *
 * @returns false if the path is another one
 */
export async function handleHealth(context: RequestContext, checks: readonly HealthCheck[]): Promise<boolean> {
  const [, endpoint = '', ...rest] = context.info.path.split('/');
  if (!ENDPOINTS.includes(endpoint)) return false;
  const name = rest.join('/');
  if (rest.length > 0) {
    const check = checks.find((candidate) => candidate.name === name);
    if (check === undefined) sendPageNotFound(context);
    else await sendSingle(context, check);
    return true;
  }
  await sendAll(context, endpoint, checks);
  return true;
}

async function sendSingle(context: RequestContext, check: HealthCheck): Promise<void> {
  const failure = await run(check);
  if (failure === undefined) sendText(context, 200, 'ok');
  else sendText(context, 500, `internal server error: ${failure}\n`);
}

async function sendAll(context: RequestContext, endpoint: string, checks: readonly HealthCheck[]): Promise<void> {
  const excluded = context.query.getAll('exclude');
  const lines: string[] = [];
  let failed = false;
  for (const check of checks) {
    if (excluded.includes(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
      continue;
    }
    const failure = await run(check);
    failed ||= failure !== undefined;
    lines.push(failure === undefined ? `[+]${check.name} ok` : `[-]${check.name} failed: reason withheld`);
  }
  const unknown = excluded.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => `"${n}"`).join(',')}`);
  const text = `${lines.join('\n')}\n${endpoint} check`;
  if (failed) sendText(context, 500, `${text} failed\n`);
  else if (context.query.has('verbose')) sendText(context, 200, `${text} passed\n`);
  else sendText(context, 200, 'ok');
}

async function run(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check();
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
