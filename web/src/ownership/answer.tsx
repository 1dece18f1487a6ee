import { useEffect, useState } from 'preact/hooks';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { apiVersionOf, type Kind } from '../api/kinds.ts';
import { Notice } from '../ui/notice.tsx';
import { ownershipTexts as t } from './texts.ts';

/** What is looked at: `?kind=apps/v1/deployments&namespace=shop`. */
export interface Chosen {
  readonly kind: Kind | undefined;
  readonly namespace: string | undefined;
}

/** What is looked at, as the console's server is asked. */
export function queryOf({ kind, namespace }: Chosen): URLSearchParams {
  const query = new URLSearchParams();
  if (kind !== undefined) {
    query.set('apiVersion', apiVersionOf(kind));
    query.set('kind', kind.kind);
  }
  if (namespace !== undefined && kind?.namespaced !== false) query.set('namespace', namespace);
  return query;
}

/** An answer of the console's server; asked again every so often, where that is wanted. */
export function useAnswer<T>(path: string, everyMs?: number): { readonly answer?: T; readonly failure?: ApiStatus } {
  const [found, setFound] = useState<{ readonly answer?: T; readonly failure?: ApiStatus }>({});
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const answer = await requestJson<T>(path, { signal: abort.signal });
        setFound({ answer });
      } catch (error) {
        if (abort.signal.aborted) return;
        const failure = isApiError(error) ? error.status : { message: (error as Error).message };
        // who may not read it will not be asked again
        if (failure.code === 403) return setFound({ failure });
        setFound((before) => ({ ...before, failure }));
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path]);
  return found;
}

export function Failure({ status }: { readonly status: ApiStatus }) {
  return (
    <Notice icon="warning" title={t.failed} role="alert">
      <p>{status.message}</p>
    </Notice>
  );
}
