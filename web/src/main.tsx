import { render } from 'preact';
import { openSession } from './api/session.ts';
import { sections } from './app/sections.ts';
import { register } from './app/registry.ts';
import { Shell } from './app/shell.tsx';
import { followPreferences } from './app/preferences.ts';

followPreferences();
for (const section of sections) register(section);
const app = document.getElementById('app')!;
app.textContent = '';
render(<Shell />, app);
await openSession();
