import { Path } from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { validateWith } from '../rule.ts';
import {
  checkPodTemplateSpec,
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from './pod-template.ts';
import { semanticEqual } from './semantic-equal.ts';

const TEMPLATE = Path.of('template');

/** The rules of PodTemplate objects. */
export const podTemplateRules: ResourceRules = {
  defaults: {
    '*': (object) => {
      object.template ??= {};
      defaultPodTemplateSpec(object.template);
    },
  },
  prepareForCreate: (object) => {
    object.metadata.generation = 1;
    preparePodTemplate(object.template, undefined);
  },
  prepareForUpdate: (object, old) => {
    preparePodTemplate(object.template, old.template);
    if (semanticEqual(object.template, old.template)) return;
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: (object) =>
    validateWith((o, _, context) => checkPodTemplateSpec({})(o.template ?? {}, TEMPLATE, context), object),
  validateUpdate: (object, old) => {
    const check = checkPodTemplateSpec(podTemplateOptions(object.template, old.template));
    return validateWith((o, _, context) => check(o.template ?? {}, TEMPLATE, context), object, old);
  },
  warnings: (object, old) =>
    old && old.metadata.generation === object.metadata.generation
      ? []
      : podTemplateWarnings(object.template, old?.template, TEMPLATE),
  returnsDeletedObject: true,
};
