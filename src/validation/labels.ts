import { SUBDOMAIN } from "./names";
import { type Check, entries } from "./shape";
import { pattern } from "./values";

/** The name of a label or an annotation, with the prefix that it may have. */
export const labelName: Check = pattern(
  new RegExp(`^((?=[^/]{1,253}/)${SUBDOMAIN}/)?(?=[^/]{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`),
  "a name such as team or example.com/team",
);

/** A label's value; it may be empty. */
export const labelValue: Check = pattern(
  /^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  "a text of at most 63 letters, digits, '-', '_' and '.'",
);

/** The check of labels, or of a selector of labels, as Kubernetes takes them. */
export const labelsCheck: Check = entries("an object of texts by label names", labelValue, labelName);
