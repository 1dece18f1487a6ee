import { LANGUAGES } from '../i18n/language.ts';
import { toast } from '../ui/toasts.tsx';
import { openKeyMap } from './key-map.tsx';
import { LANGUAGE_NAMES } from './language-names.ts';
import { openPalette } from './palette.tsx';
import { chooseTheme, switchLanguage, THEMES } from './preferences.ts';
import type { Command, Section } from './registry.ts';
import { navigate, href } from './router.ts';
import { shellTexts as t } from './texts.ts';
import { goTo, moment } from './time.ts';

/** What the frame itself can do. */
export const shell: Section = {
  name: 'shell',
  routes: [],
  keys: [
    { keys: 'mod+k', title: () => t.palette, run: openPalette, inFields: true },
    { keys: '?', title: () => t.keyMap, run: openKeyMap },
    { keys: 'g h', title: () => t.goHome, run: () => navigate(href('/')) },
  ],
  commands: () => commands(),
};

const ENGLISH_NAMES = new Intl.DisplayNames('en', { type: 'language' });

function commands(): Command[] {
  const themeNames = { system: t.themeSystem, light: t.themeLight, dark: t.themeDark };
  const hint = t.hintCommand;
  return [
    ...(moment.value.state === 'now'
      ? []
      : [{ id: 'now', title: t.backToNow, hint, icon: 'clock', run: () => goTo(undefined) } as const]),
    { id: 'copy-link', title: t.commandCopyLink, hint, icon: 'link', run: copyLink },
    { id: 'keys', title: t.keyMap, hint, icon: 'keyboard', run: openKeyMap },
    ...THEMES.map((theme) => ({
      id: `theme-${theme}`,
      title: t.commandTheme(themeNames[theme]),
      hint,
      icon: theme === 'dark' ? ('moon' as const) : ('sun' as const),
      run: () => chooseTheme(theme),
    })),
    ...LANGUAGES.map((language) => ({
      id: `language-${language}`,
      title: t.commandLanguage(LANGUAGE_NAMES[language]),
      hint,
      // also for who cannot write it
      words: [language, 'language', ENGLISH_NAMES.of(language) ?? language],
      run: () => switchLanguage(language),
    })),
  ];
}

function copyLink(): void {
  navigator.clipboard.writeText(location.href).then(
    () => toast(t.linkCopied),
    (error: Error) => toast(error.message, 'bad'),
  );
}
