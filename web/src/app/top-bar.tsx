import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { session, signOut } from '../api/session.ts';
import { LANGUAGES, type Language, language } from '../i18n/language.ts';
import { Icon } from '../ui/icons.tsx';
import { useLeave } from '../ui/leave.ts';
import { Popover } from '../ui/popover.tsx';
import { openKeyMap } from './key-map.tsx';
import { MOD } from './key-names.ts';
import { openPalette } from './palette.tsx';
import { LANGUAGE_NAMES } from './language-names.ts';
import { TimeControl } from './time-control.tsx';
import { chooseTheme, switchLanguage, THEMES, type Theme, theme } from './preferences.ts';
import { shellTexts as t } from './texts.ts';

/** What the view puts into the top bar: its title, its place. */
const content = signal<ComponentChildren>(undefined);

/** Puts the view's title and what belongs to it into the top bar, while the view is there. */
export function useTopBar(children: ComponentChildren, documentTitle: string): void {
  useLayoutEffect(() => {
    content.value = children;
  });
  useLayoutEffect(() => {
    document.title = `${documentTitle} · nekube`;
  }, [documentTitle]);
  useLeave(() => {
    content.value = undefined;
  });
}

export function TopBar() {
  return (
    <header class="top-bar">
      <div class="top-bar-content">{content.value}</div>
      <button type="button" class="search" aria-label={`${t.palette} ${MOD} K`} onClick={openPalette}>
        <Icon name="search" />
        <span class="wide">{t.searchOrGo}</span>
        <kbd class="wide" aria-hidden="true">
          {MOD} K
        </kbd>
      </button>
      <TimeControl />
      <Popover label={t.settings} class="quiet" align="end" button={<Icon name="person" />}>
        {() => <Settings />}
      </Popover>
    </header>
  );
}

function Settings() {
  const themeNames = { system: t.themeSystem, light: t.themeLight, dark: t.themeDark };
  const { value: now } = session;
  return (
    <div class="settings-panel">
      {now.state === 'open' && (
        <p class="who">
          <strong translate={false}>{now.info.user.username}</strong>
          <span class="soft">{t.onServer(now.info.server.gitVersion)}</span>
        </p>
      )}
      <label>
        <span>{t.theme}</span>
        <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {themeNames[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t.language}</span>
        <select value={language.value} onChange={(event) => switchLanguage(event.currentTarget.value as Language)}>
          {LANGUAGES.map((one) => (
            <option key={one} value={one} lang={one}>
              {LANGUAGE_NAMES[one]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="quiet" onClick={openKeyMap}>
        {t.keyMap} <kbd aria-hidden="true">?</kbd>
      </button>
      <button type="button" class="quiet" onClick={() => void signOut()}>
        {t.signOut}
      </button>
    </div>
  );
}
