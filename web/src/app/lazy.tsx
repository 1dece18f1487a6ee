import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useMemo } from 'preact/hooks';
import { Notice } from '../ui/notice.tsx';
import { route } from './router.ts';
import type { Route, ViewProps } from './registry.ts';
import { shellTexts as t } from './texts.ts';

type Loaded = { readonly view: ComponentType<ViewProps> } | { readonly error: Error } | undefined;

const views = new Map<Route, ReturnType<typeof signal<Loaded>>>();

function viewOf(route: Route) {
  let view = views.get(route);
  if (!view) {
    view = signal<Loaded>(undefined);
    views.set(route, view);
    load(route, view);
  }
  return view;
}

function load(route: Route, into: ReturnType<typeof signal<Loaded>>): void {
  route.view().then(
    (module) => {
      into.value = { view: module.default };
    },
    (error: Error) => {
      into.value = { error };
    },
  );
}

/** The view of the address: its chunk is loaded when it is first shown. */
export function CurrentView() {
  const matched = route.value;
  const loading = useMemo(() => matched && viewOf(matched.route), [matched?.route]);
  if (!matched || !loading)
    return (
      <Notice icon="warning" title={t.notFound}>
        <p>{t.notFoundBody}</p>
        <a class="button" href="/">
          {t.toOverview}
        </a>
      </Notice>
    );
  const loaded = loading.value;
  if (loaded === undefined) return <div class="pending" role="status" aria-label={t.loading} />;
  if ('error' in loaded)
    return (
      <Notice icon="warning" title={t.failed} role="alert">
        <p>{loaded.error.message}</p>
        <button type="button" onClick={() => location.reload()}>
          {t.retry}
        </button>
      </Notice>
    );
  return <loaded.view params={matched.params} />;
}
