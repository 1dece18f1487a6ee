import { useEffect } from 'preact/hooks';
import type { ApiStatus } from '../api/http.ts';
import type { Kind } from '../api/kinds.ts';
import { clockTime } from '../app/time-control.tsx';
import { goTo, history, loadHistory } from '../app/time.ts';
import { Notice } from '../ui/notice.tsx';
import { resourceTexts as t } from './texts.ts';

/** Why a list is not there, and what can be done. */
export function ListNotice(props: {
  readonly kind: Kind;
  readonly status: ApiStatus;
  readonly namespace: string | undefined;
  readonly again?: () => void;
}) {
  const { kind, status } = props;
  const tooOld = status.code === 410;
  useEffect(() => {
    if (tooOld) void loadHistory().catch(() => {});
  }, [tooOld]);
  const oldest = history.value?.oldest;
  const again = props.again && (
    <button type="button" onClick={props.again}>
      {t.tryAgain}
    </button>
  );
  if (tooOld)
    return (
      <Notice icon="clock" title={t.tooOld} role="alert">
        <p>{oldest ? t.reachesBack(clockTime(Date.parse(oldest.time)), oldest.revision) : t.compacted}</p>
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
