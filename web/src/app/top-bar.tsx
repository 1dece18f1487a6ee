import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { session, signOut } from '../api/session.ts';
import { LANGUAGES, type Language, language } from '../i18n/language.ts';
import { chooseTheme, switchLanguage, THEMES, type Theme, theme } from './preferences.ts';
import { shellTexts as t } from './texts.ts';

/** What the view puts into the middle of the top bar: its title, its place. */
export const topBarContent = signal<ComponentChildren>(undefined);

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

export function TopBar() {
  const themeNames = { system: t.themeSystem, light: t.themeLight, dark: t.themeDark };
  return (
    <header class="top-bar">
      <div class="top-bar-content">{topBarContent.value}</div>
      <select
        aria-label={t.theme}
        value={theme.value}
        onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {themeNames[one]}
          </option>
        ))}
      </select>
      <select
        aria-label={t.language}
        value={language.value}
        onChange={(event) => switchLanguage(event.currentTarget.value as Language)}
      >
        {LANGUAGES.map((one) => (
          <option key={one} value={one} lang={one}>
            {LANGUAGE_NAMES[one]}
          </option>
        ))}
      </select>
      {session.value.state === 'open' && (
        <button type="button" class="quiet" title={session.value.info.user.username} onClick={() => void signOut()}>
          {t.signOut}
        </button>
      )}
    </header>
  );
}
