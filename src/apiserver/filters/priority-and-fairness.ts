import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { Seat } from '../flowcontrol/priority-level.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import type { Filter } from '../pipeline.ts';
import { isLongRunning } from './long-running.ts';
import { sendTooManyRequests } from './too-many-requests.ts';

/**
 * Serves a request when its priority level has a seat for it. A watch holds its seat until what is there has been sent;
 * other requests that run long hold none.
 */
export function withPriorityAndFairness(control: FlowControl, metrics: ServerMetrics, now: () => Date): Filter {
  return async (context, next) => {
    const { info, response, user } = context;
    const watches = info.verb === 'watch';
    if (!watches && isLongRunning(info)) return next(context);
    const flow = control.classify(user, info);
    if (!response.headersSent) {
      response.setHeader('x-kubernetes-pf-flowschema-uid', flow.schemaUid);
      response.setHeader('x-kubernetes-pf-prioritylevel-uid', flow.levelUid);
    }
    const counts = metrics.flow(flow.schema, flow.level);
    let seat = flow.take(context.life);
    if (seat instanceof Promise) {
      counts.waiting++;
      seat = await seat;
      counts.waiting--;
    }
    if (typeof seat === 'string') {
      metrics.rejected.add([flow.schema, flow.level, seat]);
      return sendTooManyRequests(context, control.retryAfter(flow.level, now().getTime()));
    }
    counts.dispatched.add();
    counts.executing++;
    const release = releaseOf(seat, counts);
    if (watches) context.initialized = release;
    try {
      await next(context);
    } finally {
      release();
    }
  };
}

/** Gives the seat back, once. */
function releaseOf(seat: Seat, counts: { executing: number }): () => void {
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    counts.executing--;
    seat.release();
  };
}
