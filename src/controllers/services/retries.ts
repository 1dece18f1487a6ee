import type { ReconcileContext, Reconciler, ReconcileResult } from 'nekube/controller';

/** So often something that fails is tried again, until it changes or is asked for anew. */
const MOST_RETRIES = 15;

/** Reconciles as the function does, but gives a request up that has failed too often. */
export function givingUp<R, C extends ReconcileContext>(reconcile: Reconciler<R, C>): Reconciler<R, C> {
  return async (request: R, context: C): Promise<ReconcileResult | undefined> => {
    try {
      return (await reconcile(request, context)) ?? undefined;
    } catch (error) {
      if (context.failures < MOST_RETRIES) throw error;
      context.log.error(error, 'Retry budget exceeded, dropping the request');
      return undefined;
    }
  };
}

/** What went wrong as one text, each thing once, as Go prints several errors. */
export function textOfErrors(errors: readonly string[]): string {
  const texts = [...new Set(errors)];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
