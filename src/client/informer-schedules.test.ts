import { test } from 'node:test';
import { runSchedule } from './testing/informer-schedule.ts';

const seed = Number(process.env.NEKUBE_SEED ?? 1);
const schedules = Number(process.env.SCHEDULES ?? 500);

test(`an informer stays in step whatever happens, in ${schedules} schedules (NEKUBE_SEED=${seed})`, async () => {
  for (let i = 0; i < schedules; i++) await runSchedule(seed + i, 40);
});
