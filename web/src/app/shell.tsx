import { useEffect } from 'preact/hooks';
import { followKinds } from '../api/discovery.ts';
import { session } from '../api/session.ts';
import { connection } from '../api/watch-socket.ts';
import { Notice } from '../ui/notice.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { followKeyboard } from './keyboard.ts';
import { KeyMap } from './key-map.tsx';
import { CurrentView } from './lazy.tsx';
import { Palette } from './palette.tsx';
import { Sidebar } from './sidebar.tsx';
import { shellTexts as t } from './texts.ts';
import { PastBanner } from './time-control.tsx';
import { TopBar } from './top-bar.tsx';

followKeyboard();

/** The frame around every view. */
export function Shell() {
  useEffect(followKinds, []);
  const now = session.value;
  if (now.state === 'opening') return <div class="boot" role="status" aria-label={t.loading} />;
  if (now.state !== 'open')
    return (
      <main class="alone">
        {now.state === 'signed-out' ? (
          <Notice title={t.signedOutTitle}>
            <p>{t.signedOutBody}</p>
            <pre translate={false}>kill -USR2 PID</pre>
          </Notice>
        ) : (
          <Notice title={t.unreachableTitle}>
            <p>{t.unreachableBody}</p>
          </Notice>
        )}
      </main>
    );
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <Sidebar />
      <div class="stage">
        <TopBar />
        {connection.value.state === 'lost' && (
          <div class="banner warn" role="alert">
            {t.reconnecting}
          </div>
        )}
        <PastBanner />
        <main id="main" tabIndex={-1}>
          <CurrentView />
        </main>
      </div>
      <Palette />
      <KeyMap />
      <Toasts />
    </div>
  );
}
