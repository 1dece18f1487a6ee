import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isApiError } from '../api/http.ts';
import { Icon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { ageOf } from '../ui/time.ts';
import { language } from '../i18n/language.ts';
import { parseAt } from './at.ts';
import { shellTexts as t } from './texts.ts';
import { goTo, history, loadHistory, moment, type Revision } from './time.ts';

/** Shows the cluster as it was: a slider over the moments that are known, and a field for a revision or a moment. */
export function TimeControl(props: { readonly opener?: (open: () => void) => void }) {
  const past = moment.value.state !== 'now';
  return (
    <Popover
      label={`${past ? t.past : t.now}: ${t.timeTravel}`}
      title={t.timeTravel}
      class={past ? 'past' : 'quiet'}
      align="end"
      opener={props.opener}
      button={
        <>
          <Icon name="clock" />
          <span class="wide">{past ? t.past : t.now}</span>
        </>
      }
    >
      {(close) => <TimePanel close={close} />}
    </Popover>
  );
}

function TimePanel({ close }: { readonly close: () => void }) {
  const typed = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  useEffect(() => {
    loadHistory().catch((error: unknown) => {
      problem.value = isApiError(error, 404) ? t.noHistory : String((error as Error).message);
    });
  }, []);
  const known = history.value;
  const moments: readonly Revision[] = known ? [...known.moments] : [];
  const now = moment.value;
  const chosen =
    now.state === 'at'
      ? Math.max(
          0,
          moments.findLastIndex((one) => Number(one.revision) <= Number(now.revision)),
        )
      : moments.length;
  return (
    <form
      class="time-panel"
      onSubmit={(event) => {
        event.preventDefault();
        const text = typed.value.trim();
        if (text !== '' && !parseAt(text, Date.now())) {
          problem.value = t.noMoment;
          return;
        }
        goTo(text === '' ? undefined : text);
        close();
      }}
    >
      <label>
        <span>{t.when}</span>
        <input
          type="text"
          placeholder={t.whenPlaceholder}
          value={typed.value}
          aria-invalid={problem.value !== undefined}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            problem.value = undefined;
          }}
        />
      </label>
      {known?.reason !== undefined && <p class="soft">{t.noTimes}</p>}
      {known?.oldest && moments.length > 0 && (
        <label>
          <span>{t.reaches(ageOf(Date.parse(known.oldest.time)), known.oldest.revision)}</span>
          <input
            type="range"
            min={0}
            max={moments.length}
            value={chosen}
            aria-valuetext={moments[chosen] ? clock(moments[chosen]) : t.now}
            onInput={(event) => {
              const to = moments[event.currentTarget.valueAsNumber];
              goTo(to?.revision, { replace: true });
            }}
          />
          <output>{moments[chosen] ? clock(moments[chosen]) : t.now}</output>
        </label>
      )}
      {problem.value && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary">
          {t.show}
        </button>
        <button
          type="button"
          disabled={moment.value.state === 'now'}
          onClick={() => {
            goTo(undefined);
            close();
          }}
        >
          {t.backToNow}
        </button>
      </div>
    </form>
  );
}

function clock({ time, revision }: Revision): string {
  return t.clock(clockTime(Date.parse(time)), revision);
}

/** A moment of today by its time, another by its date too. */
export function clockTime(ms: number): string {
  const today = new Date(ms).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language.value, {
    ...(today ? {} : { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(ms);
}

/** Says above each view that it shows the past. */
export function PastBanner() {
  const now = moment.value;
  if (now.state === 'now' || now.state === 'finding') return null;
  return (
    <div class={now.state === 'at' ? 'banner past' : 'banner bad'} role="status">
      <Icon name="clock" />
      <span>
        {now.state === 'none'
          ? now.status.code === 400
            ? t.noMoment
            : now.status.code === 403
              ? t.noTimes
              : t.noState
          : now.timeMs === undefined
            ? t.asOfRevision(now.revision)
            : t.asOf(clockTime(now.timeMs), now.revision)}
      </span>
      <button type="button" onClick={() => goTo(undefined)}>
        {t.backToNow}
      </button>
    </div>
  );
}
