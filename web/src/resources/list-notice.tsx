import { useEffect } from 'preact/hooks';
import type { ApiStatus } from '../api/http.ts';
import type { Kind } from '../api/kinds.ts';
import { clockTime } from '../app/time-control.tsx';
import { goTo, history, loadHistory } from '../app/time.ts';
import { Notice } from '../ui/notice.tsx';
import { resourceTexts as t } from './texts.ts';

/** That the state of `?at=` is not there: not any more, or not yet; and how far back one can go. */
export function NoSuchState({ status }: { readonly status: ApiStatus }) {
  useEffect(() => void loadHistory().catch(() => {}), []);
  const oldest = history.value?.oldest;
  return (
    <Notice icon="clock" title={status.code === 410 ? t.tooOld : t.noState} role="alert">
      {oldest && <p>{t.reachesBack(clockTime(Date.parse(oldest.time)), oldest.revision)}</p>}
      <div class="buttons">
        {oldest && (
          <button type="button" onClick={() => goTo(oldest.revision)}>
            {t.showOldest}
          </button>
        )}
        <button type="button" class="primary" onClick={() => goTo(undefined)}>
          {t.showNow}
        </button>
      </div>
    </Notice>
  );
}

/** Why a list is not there, and what can be done. */
export function ListNotice(props: {
  readonly kind: Kind;
  readonly status: ApiStatus;
  readonly namespace: string | undefined;
  readonly again?: () => void;
}) {
  const { kind, status } = props;
  const again = props.again && (
    <button type="button" onClick={props.again}>
      {t.tryAgain}
    </button>
  );
  if (status.code === 410) return <NoSuchState status={status} />;
  if (status.code === 403)
    return (
      <Notice icon="lock" title={t.forbidden(kind.kind)} role="alert">
        <p translate={false}>{status.message}</p>
        <p>{t.forbiddenBody}</p>
        <pre
          translate={false}
        >{`kubectl auth can-i list ${kind.resource}${kind.group ? `.${kind.group}` : ''}${props.namespace ? ` -n ${props.namespace}` : kind.namespaced ? ' -A' : ''}`}</pre>
        {again}
      </Notice>
    );
  if (status.code === 404)
    return (
      <Notice icon="warning" title={t.notServed(kind.kind)} role="alert">
        <p>{t.notServedBody}</p>
        {again}
      </Notice>
    );
  return (
    <Notice icon="warning" title={t.failed(kind.kind)} role="alert">
      <p translate={false}>{status.message ?? status.reason}</p>
      {again}
    </Notice>
  );
}
