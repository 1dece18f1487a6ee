import type { Path } from 'nekube/apimachinery';
import { type Check, fields, type Loose } from '../rule.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { type PodCheckOptions, podCheckOptions } from './pod-options.ts';
import { checkPodSpec, checkPodTemplateMeta } from './pod-spec.ts';
import { podWarnings } from './pod-warnings.ts';

/** Sets the defaults of a pod template (of a workload, a job or a PodTemplate) in place. */
export function defaultPodTemplateSpec(template: Loose): void {
  if (template?.spec) defaultPodSpec(template.spec);
}

/** What the template may keep because the stored one already has it; `old` is undefined on create. */
export function podTemplateOptions(template: Loose, old: Loose): PodCheckOptions {
  return podCheckOptions(template?.spec, old?.spec, template?.metadata, old?.metadata);
}

/** Checks labels, annotations and spec of a pod template, which may have no ephemeral containers. */
export function checkPodTemplateSpec(options: PodCheckOptions): Check {
  return fields({ metadata: checkPodTemplateMeta(options), spec: checkPodSpec(options) });
}

/**
 * Clears fields of features that are off, unless the stored template uses them.
 *
 * For prepareForCreate (`old` undefined) and prepareForUpdate of everything that holds a template.
 */
export function preparePodTemplate(_template: Loose, _old: Loose): void {}

/**
 * Texts for `Warning` headers about a template at this path.
 *
 * On update the caller asks only when `generation` has changed.
 */
export function podTemplateWarnings(template: Loose, old: Loose, path: Path): string[] {
  return template ? podWarnings(template, old, path) : [];
}
