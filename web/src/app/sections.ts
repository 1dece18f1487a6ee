import { detail } from '../detail/section.ts';
import { edit } from '../edit/section.ts';
import { keps } from '../kep/section.ts';
import { ownership } from '../ownership/section.ts';
import { overview } from '../overview/section.ts';
import { resources } from '../resources/section.ts';
import type { Section } from './registry.ts';
import { weekly } from '../weekly/section.ts';
import { shell } from './section.ts';

/** All sections, in the order of the sidebar. */
export const sections: readonly Section[] = [overview, ownership, keps, resources, detail, edit, weekly, shell];
