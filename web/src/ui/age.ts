import type { Language } from '../i18n/language.ts';

const UNITS: Readonly<
  Record<Language, readonly [second: string, minute: string, hour: string, day: string, year: string]>
> = {
  en: ['s', 'm', 'h', 'd', 'y'],
  ja: ['秒', '分', '時間', '日', '年'],
};

/** A length of time in at most two units, as kubectl has it: seconds up to two minutes, `3m20s` up to ten, `2d5h` up to a week. */
export function age(lengthMs: number, language: Language): string {
  const [s, m, h, d, y] = UNITS[language];
  const seconds = Math.floor(lengthMs / 1000);
  if (seconds < 120) return `${seconds}${s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, m, seconds % 60, s);
  if (minutes < 180) return `${minutes}${m}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, h, minutes % 60, m);
  if (hours < 48) return `${hours}${h}`;
  const days = Math.floor(hours / 24);
  if (days < 8) return two(days, d, hours % 24, h);
  if (days < 730) return `${days}${d}`;
  return two(Math.floor(days / 365), y, days % 365, d);
}

function two(many: number, unit: string, few: number, fewUnit: string): string {
  return few === 0 ? `${many}${unit}` : `${many}${unit}${few}${fewUnit}`;
}
