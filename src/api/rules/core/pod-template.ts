import { forbidden, type Path } from 'nekube/apimachinery';
import { checkLabels } from '../label-selector.ts';
import { checkAnnotations } from '../meta.ts';
import { type Check, type Loose, run } from '../rule.ts';
import { checkPodAnnotations } from './pod-annotations.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { dropDisabledPodFields, dropInitContainerAnnotations } from './pod-disabled-fields.ts';
import { type PodCheckOptions, podCheckOptions } from './pod-options.ts';
import { checkPodSpec } from './pod-spec.ts';
import { podWarnings } from './pod-warnings.ts';
import { checkProfilesMatchAnnotations } from './security-profiles.ts';

/** Sets the defaults of a pod template (of a workload, a job or a PodTemplate) in place. */
export function defaultPodTemplateSpec(template: Loose): void {
  if (!template) return;
  dropInitContainerAnnotations(template.metadata);
  template.spec ??= {};
  defaultPodSpec(template.spec);
}

/** What a template may keep because the stored one (`undefined` on create) already has it. */
export function podTemplateOptions(_template: Loose, old: Loose): PodCheckOptions {
  return podCheckOptions(old?.spec, old?.metadata);
}

/** Checks labels, annotations and spec of a pod template, which may have no ephemeral containers. */
export function checkPodTemplateSpec(options: PodCheckOptions): Check {
  return (template, path, context) => {
    const { metadata = {}, spec = {} } = template;
    const at = path.child('annotations');
    checkLabels(metadata.labels, path.child('labels'), context);
    run([checkAnnotations, checkPodAnnotations(spec, options)], metadata.annotations, at, context);
    run(
      [checkPodSpec(options), checkProfilesMatchAnnotations(metadata.annotations)],
      spec,
      path.child('spec'),
      context,
    );
    if ((spec.ephemeralContainers ?? []).length === 0) return;
    const field = path.child('spec', 'ephemeralContainers');
    context.errors.push(forbidden(field, 'ephemeral containers not allowed in pod template'));
  };
}

/**
 * Clears fields of features that are off, unless the stored template uses them.
 *
 * For prepareForCreate (`old` undefined) and prepareForUpdate of everything that holds a template.
 */
export function preparePodTemplate(template: Loose, old: Loose): void {
  if (template?.spec) dropDisabledPodFields(template.spec, old?.spec);
}

/**
 * Texts for `Warning` headers about a template at this path.
 *
 * On update the caller asks only when `generation` has changed.
 */
export function podTemplateWarnings(template: Loose, _old: Loose, path: Path): string[] {
  return template ? podWarnings(template.metadata ?? {}, template.spec ?? {}, path) : [];
}
