import { signal } from '@preact/signals';
import { language } from '../i18n/language.ts';
import { age } from './age.ts';

/** The time that ages are shown by; changes each second while the tab is seen. */
export const nowMs = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nowMs.value = Date.now();
});

/** How long ago a moment was, in the language that is shown. */
export function ageOf(momentMs: number): string {
  return age(Math.max(0, nowMs.value - momentMs), language.value);
}
