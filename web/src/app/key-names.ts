const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What the key for commands is called here. */
export const MOD = MAC ? '⌘' : 'Ctrl';

const SIGNS: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  shift: '⇧',
  alt: MAC ? '⌥' : 'Alt',
  mod: MOD,
};

/** The keys of one stroke as they stand on a keyboard: `mod+k` is Ctrl and K. */
export function keyCaps(stroke: string): string[] {
  const keys = stroke === '+' ? ['+'] : stroke.split('+');
  return keys.map((key, i) => SIGNS[key] ?? (keys.length > 1 && i === keys.length - 1 ? key.toUpperCase() : key));
}
