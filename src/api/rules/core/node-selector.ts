import {
  forbidden,
  invalid,
  isValidLabelValue,
  nameIsDnsSubdomain,
  required as requiredError,
} from 'nekube/apimachinery';
import { type Check, each, fields, type Loose, matches } from '../rule.ts';
import { checkLabelName } from '../label-selector.ts';

/** A requirement on the labels of a node. */
function checkLabelRequirement(allowInvalidValues: boolean): Check {
  return ({ key = '', operator = '', values = [] }, path, context) => {
    const { errors } = context;
    const at = path.child('values');
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(requiredError(at, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length > 0) errors.push(forbidden(at, detail));
    } else if (operator === 'Gt' || operator === 'Lt') {
      const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
      if (values.length !== 1) errors.push(requiredError(at, detail));
    } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
    checkLabelName(key, path.child('key'), context);
    if (!allowInvalidValues) each(matches(isValidLabelValue))(values, at, context);
  };
}

/** A requirement on a field of a node, of which only its name can be selected by. */
const checkFieldRequirement: Check = ({ key = '', operator = '', values = [] }, path, { errors }) => {
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(requiredError(path.child('values'), detail));
  }
  if (key !== 'metadata.name') {
    errors.push(invalid(path.child('key'), key, 'not a valid field selector key'));
    return;
  }
  values.forEach((value: string, i: number) => {
    for (const m of nameIsDnsSubdomain(value, false)) errors.push(invalid(path.child('values').index(i), value, m));
  });
};

/** A term of a node selector; label values that are none are allowed where stored objects have them. */
export function checkNodeSelectorTerm(allowInvalidValues: boolean): Check {
  return fields({
    matchExpressions: each(checkLabelRequirement(allowInvalidValues)),
    matchFields: each(checkFieldRequirement),
  });
}

/** A node selector: at least one term. */
export function checkNodeSelector(allowInvalidValues: boolean): Check {
  const checkTerms = each(checkNodeSelectorTerm(allowInvalidValues));
  return ({ nodeSelectorTerms: terms = [] }, path, context) => {
    const at = path.child('nodeSelectorTerms');
    if ((terms ?? []).length > 0) checkTerms(terms, at, context);
    else context.errors.push(requiredError(at, 'must have at least one node selector term'));
  };
}

/** True when a term asks for a label value that no node can have. */
export function hasInvalidLabelValue(terms: Loose[] | undefined): boolean {
  return (terms ?? []).some((term) =>
    (term.matchExpressions ?? []).some((e: Loose) =>
      (e.values ?? []).some((v: string) => isValidLabelValue(v).length > 0),
    ),
  );
}
