import type { Client } from 'nekube/client';
import type { StartOptions } from 'nekube/envtest';
import type { Operator } from '../observe/operator.ts';
import { type Interval, Session, type SessionOptions } from '../observe/session.ts';
import type { AuditOptions } from './audit-result.ts';
import { type AuditedPlane, startPlane } from './control-plane.ts';
import { servedSubject } from './definition.ts';
import { leaveOutUnserved } from './left-out-webhooks.ts';
import type { Subject } from './subject.ts';
import { withTakenSample } from './taken-sample.ts';

/** An operator at work, of which nothing was asked yet. */
export interface StartedOperator {
  readonly plane: AuditedPlane;
  readonly session: Session;
  /** With a sample that the server takes, if it was made by its schema and there is one. */
  readonly subject: Subject;
  /** What it did when it was started. */
  readonly first: Interval;
  /** Webhooks that are not called, as sentences. */
  readonly leftOut: readonly string[];
}

/** How it is started. */
export interface Starting {
  readonly plane: StartOptions;
  readonly session: Omit<SessionOptions, 'services'>;
  /** Looks at the control plane, before the operator is started. */
  readonly before?: (client: Client) => Promise<void>;
  /** Waits for the start. */
  readonly untilStarted?: <T>(starting: Promise<T>) => Promise<T>;
}

/**
 * Starts an operator at a control plane of its own, without webhooks that nobody serves, does something with it, and ends both.
 *
 * @throws OperatorFailure it does not start; ManifestError for what cannot be installed; NoMatchError: the sample's kind is not served
 */
export async function withOperator<T>(
  operator: Operator,
  options: Pick<AuditOptions, 'manifests' | 'services' | 'sample' | 'isSampleMade' | 'onProgress'>,
  { plane: planeOptions, session: sessionOptions, before, untilStarted = (starting) => starting }: Starting,
  work: (started: StartedOperator) => Promise<T>,
): Promise<T> {
  const { signal } = sessionOptions;
  const plane = await startPlane(options, planeOptions);
  const { env, services } = plane;
  const session = new Session(env, operator, { ...sessionOptions, services });
  try {
    const served = await servedSubject(env.client, options.sample);
    await before?.(env.client);
    options.onProgress?.('it is started');
    const first = await untilStarted(session.start());
    const leftOut = [...plane.leftOut, ...(await leaveOutUnserved(env.client, services, served, signal))];
    const subject = options.isSampleMade ? await withTakenSample(env.client, served) : served;
    return await work({ plane, session, subject, first, leftOut });
  } finally {
    await session.stop();
    await plane.stop();
  }
}
