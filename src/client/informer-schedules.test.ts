import { test } from 'node:test';
import { runSchedule } from './testing/informer-schedule.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
const schedules = process.env.SEED === undefined ? 500 : Number(process.env.SCHEDULES ?? 1);

test(`an informer stays in step whatever happens, in ${schedules} schedules (SEED=${seed})`, async () => {
  for (let i = 0; i < schedules; i++) await runSchedule(seed + i, 40);
});
